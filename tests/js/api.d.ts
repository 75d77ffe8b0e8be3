// The JSON of the API, made from the API document by `python -m tests.js.api_types`.
declare namespace Api {
  interface Accepted {
    choices: Array<[number, "name" | "artist" | "album" | "year" | "genre" | "album_track" | "art" | "lyrics"]>;
    dry_run: boolean;
    job: string;
    least: number;
  }
  interface Address {
    url: string;
  }
  interface AllLists {
    lists: Array<ListSummary>;
  }
  interface AllScores {
    lost: Array<Score>;
    players: Array<PlayerCounts>;
  }
  interface AllSmartLists {
    lists: Array<SmartListShape>;
  }
  interface AllTags {
    tags: Array<Tag>;
  }
  interface Amount {
    name: string;
    songs: number;
  }
  interface Artist {
    artist: string;
    song_count: number;
  }
  interface ArtistList {
    artists: Array<Artist>;
    total: number;
  }
  interface ArtistSongs {
    artist: string;
    limit: number;
    offset: number;
    songs: Array<SongSummary>;
    total: number;
  }
  interface AudioNames {
    names: Array<string>;
  }
  interface BulkDeleted {
    deleted: number;
    failed: number;
    job: JobShape;
  }
  interface BulkDeletion {
    ids: Array<number>;
  }
  interface BulkEdit {
    breaks_scores: boolean;
    dry_run: boolean;
    ids: Array<number>;
    metadata: Record<string, any>;
  }
  interface BulkResult {
    changed: number;
    dry_run: boolean;
    failed: number;
    songs: Array<SongChange>;
  }
  interface Change {
    after: string | null;
    before: string | null;
    key: string;
  }
  interface ChartOptions {
    correction: CorrectionShape | null;
    difficulties: Array<Difficulty> | null;
    drums: boolean | null;
    replace_edited: boolean;
  }
  interface Check {
    advice: string;
    grade: string;
    text: string;
  }
  interface ChoiceOfSong {
    both: boolean;
    path: string;
    replace: Array<string>;
  }
  interface ChoiceShape {
    action: "keep_best" | "merge";
    group: string;
    keep: number | null;
  }
  interface Choices {
    choices: Array<ChoiceShape>;
    dry_run: boolean;
  }
  interface Chosen {
    ids: Array<number>;
  }
  interface ChosenEntries {
    paths: Array<string>;
  }
  interface Connect {
    account: TypedAccount | null;
    folder: string;
  }
  interface Connected {
    file: string;
    findings: Array<Check>;
  }
  interface Connection {
    address: string;
    can_undo: boolean;
    configured: boolean;
    connected: boolean;
    error: string | null;
    message: string;
    server: string;
    state: string;
    url: string;
  }
  interface CorrectionShape {
    bar_shift: number;
    beats_per_bar: number;
    bpm: number;
    density: "" | "fewer" | "more";
    muted: Array<Array<number>>;
    offset: number;
    tempo: "" | "x2" | "/2" | "x3" | "/3";
  }
  interface Count {
    songs: number;
    value: string;
  }
  interface Database {
    exists: boolean;
    nextcloud_path: string;
    path: string;
    size_bytes: number;
  }
  interface DatabaseSync {
    interval_seconds: number;
    last_upload: number | null;
    last_upload_ago: number | null;
  }
  interface Deleted {
    message: string;
    path: string;
    restore: string | null;
  }
  type Difficulty = "expert" | "hard" | "medium" | "easy";
  interface DuplicateGroup {
    id: string;
    keep: number;
    kind: "notes" | "song";
    names: string;
    reason: string;
    songs: Array<DuplicateSong>;
  }
  interface DuplicatePage {
    groups: Array<DuplicateGroup>;
    limit: number;
    offset: number;
    total: number;
  }
  interface DuplicateSong {
    album: string;
    artist: string;
    best_score: number;
    charter: string;
    created_at: string;
    difficulties: Array<string>;
    errors: number;
    etag: string;
    file_path: string;
    files: Record<string, number>;
    full_combo: boolean;
    genre: string;
    has_art: boolean;
    has_lyrics: boolean;
    has_video: boolean;
    id: number;
    identity: string;
    instruments: Record<string, number>;
    length: number;
    lists: Array<string>;
    metadata: Record<string, string>;
    modified: number;
    nps: number;
    path: string;
    plays: number;
    problems: number;
    refused: boolean;
    remote_path: string;
    rich_title: string;
    starred: boolean;
    stars: number;
    synced_at: string;
    tags: Array<string>;
    title: string;
    tracks: number;
    updated_at: string;
    year: string;
  }
  interface EditedSong {
    album: string;
    artist: string;
    best_score: number;
    chart: Record<string, any> | null;
    charter: string;
    created_at: string;
    difficulties: Array<string>;
    errors: number;
    etag: string;
    file_path: string;
    files: Record<string, number>;
    findings: Array<Record<string, any>>;
    full_combo: boolean;
    genre: string;
    has_art: boolean;
    has_lyrics: boolean;
    has_video: boolean;
    id: number;
    identity: string;
    instruments: Record<string, number>;
    length: number;
    message: string;
    metadata: Record<string, string>;
    modified: number;
    nps: number;
    path: string;
    plays: number;
    problems: number;
    proposed_path: string | null;
    refused: boolean;
    remote_path: string;
    rich_title: string;
    starred: boolean;
    stars: number;
    synced_at: string;
    tags: Array<string>;
    title: string;
    updated_at: string;
    year: string;
  }
  interface EntryShape {
    etag: string;
    is_folder: boolean;
    modified: number;
    name: string;
    path: string;
    size: number;
    song: number | null;
    state: "" | "song" | "waiting" | "running" | "failed" | "in_doubt";
  }
  interface Facet {
    distinct: number;
    values: Array<Count>;
  }
  interface Facets {
    facets: Record<string, Facet>;
    total: number;
  }
  interface Failure {
    display: string;
    folder: string;
    reason: string;
  }
  interface FailureReport {
    failed: number;
    failures: Array<Failure>;
    last_sync_time: string | null;
    purged: number;
    synced: number;
    total_folders: number;
  }
  interface Field {
    aliases: Array<string>;
    default: string | number | boolean;
    group: string;
    identity: boolean;
    kind: string;
    label: string;
    name: string;
    unit: string;
  }
  interface FieldTable {
    fields: Array<Field>;
  }
  interface FolderSize {
    files: number;
    not_imported: number;
    path: string;
    size: number;
  }
  interface FoundBeatShape {
    beats_per_bar: number;
    bpm: number;
    downbeat: number;
  }
  interface Generated {
    artist: string;
    difficulties_generated: Array<Difficulty>;
    difficulty: Difficulty;
    duration: number;
    has_album_art: boolean;
    has_lyrics: boolean;
    id: number;
    job: JobShape;
    message: string;
    remote_path: string;
    song_name: string;
    tempo: number;
    total_beats: number;
    total_notes: number;
  }
  interface Health {
    database: "ok" | "missing";
    index: Part;
    remote: Part;
    shared: Part;
    status: "ok" | "degraded" | "unavailable";
    uptime: number;
    uptime_seconds: number;
    version: string;
    webdav_configured: boolean;
  }
  interface HighwayChart {
    beats: Array<[number, boolean]>;
    difficulty: string;
    family: string;
    instrument: string;
    lanes: number;
    length: number;
    lyrics: Array<Array<[number, string]>>;
    notes: Array<[number, number, number, number]>;
    offset: number;
    rolls: Array<[number, number]>;
    sections: Array<[number, string]>;
    solos: Array<[number, number]>;
    star_power: Array<[number, number]>;
    tracks: Array<TrackName>;
  }
  interface ImportChoices {
    songs: Array<ChoiceOfSong>;
  }
  interface Imported {
    job: JobShape;
    message: string;
    remote_path: string;
    song_id: number | null;
    songs: Array<ImportedSong>;
  }
  interface ImportedSong {
    artist: string;
    id: number;
    is_duplicate: boolean;
    remote_path: string;
    title: string;
  }
  type Instrument = "guitar" | "guitarcoop" | "rhythm" | "bass" | "drums" | "keys" | "guitarghl" | "guitarcoopghl" | "rhythmghl" | "bassghl";
  interface Intensities {
    instrument: string;
    songs: Array<number>;
  }
  interface Item {
    content_type: string;
    etag: string;
    is_directory: boolean;
    last_modified: string;
    name: string;
    path: string;
    size: number;
  }
  interface JobList {
    jobs: Array<JobShape>;
  }
  interface JobShape {
    created: number;
    error: string | null;
    final: boolean;
    id: string;
    kind: string;
    progress: number;
    result: Record<string, any> | null;
    state: JobState;
    step: string;
    subject: string;
    title: string;
    updated: number;
  }
  type JobState = "waiting" | "running" | "done" | "failed" | "cancelled";
  interface KeepAll {
    groups: Array<string>;
  }
  interface KeptAll {
    kept: number;
    message: string;
  }
  interface KeptOptions {
    correction: CorrectionShape;
    difficulties: Array<Difficulty>;
    drums: boolean;
    edited: boolean;
    found: FoundBeatShape | null;
    lead_in: number;
  }
  interface Leaderboard {
    scores: Array<Score>;
  }
  interface LibraryStatistics {
    genres: Array<Amount>;
    growth: Array<Amount>;
    intensities: Array<Intensities>;
    other_genres: number;
    years: Array<Amount>;
  }
  interface ListDeleted {
    message: string;
  }
  interface ListDetail {
    entries: Array<ListedSong>;
    etag: string;
    is_favourites: boolean;
    length: number;
    missing: number;
    name: string;
    problem: string;
    songs: number;
  }
  interface ListEdit {
    entries: Array<Position> | null;
    name: string | null;
  }
  interface ListSummary {
    etag: string;
    is_favourites: boolean;
    length: number;
    missing: number;
    name: string;
    problem: string;
    songs: number;
  }
  interface ListedSong {
    md5: string;
    sha1: string;
    song: SongSummary | null;
    speed: number;
  }
  interface Listing {
    can_undo: boolean;
    entries: Array<EntryShape>;
    items: Array<Item>;
    path: string;
    total: number;
  }
  interface Login {
    login: string;
    server: string;
  }
  interface LoginState {
    username: string;
  }
  interface LookWanted {
    ids: Array<number>;
  }
  interface MadeFolder {
    etag: string;
    is_folder: boolean;
    message: string;
    modified: number;
    name: string;
    path: string;
    size: number;
    song: number | null;
    state: "" | "song" | "waiting" | "running" | "failed" | "in_doubt";
  }
  interface Merge {
    canonical: string;
    dry_run: boolean;
    variants: Array<string>;
  }
  interface Merged {
    canonical: string;
    job: JobShape | null;
    message: string;
    songs_updated: number;
    variants_merged: Array<string>;
  }
  interface Move {
    source: string;
    target: string;
  }
  interface MoveEntries {
    folder: string;
    paths: Array<string>;
  }
  interface NamePage {
    limit: number;
    names: Array<SongName>;
    offset: number;
    total: number;
  }
  interface NewList {
    ids: Array<number>;
    name: string;
  }
  interface NewSmartList {
    album: string;
    artist: string;
    charter: string;
    difficulty: Difficulty | null;
    duplicates: boolean;
    genre: string;
    has_art: boolean | null;
    has_lyrics: boolean | null;
    has_video: boolean | null;
    instrument: Instrument | null;
    limit: number;
    name: string;
    offset: number;
    order: "asc" | "desc";
    problem: string;
    search: string;
    sort: "title" | "artist" | "album" | "genre" | "year" | "charter" | "length" | "modified" | "added" | "nps" | "plays" | "stars" | "random" | "relevance" | "newest";
    year: string;
  }
  interface NewTiers {
    dry_run: boolean;
    ids: Array<number>;
    instrument: string;
    list: string;
    name: string;
    tiers: number;
  }
  interface NewUpload {
    name: string;
    path: string | null;
    replace: boolean;
    size: number;
    type: "songs" | "backgrounds" | "colors" | "highways";
  }
  interface Organise {
    dry_run: boolean;
    ids: Array<number>;
    pattern: string;
  }
  interface Part {
    message: string;
    state: string;
  }
  interface PatternShape {
    fields: Array<string>;
    pattern: string;
  }
  interface Plan {
    dry_run: boolean;
    job: JobShape | null;
    steps: Array<StepShape>;
    total: number;
  }
  interface PlayerCounts {
    charts: number;
    five_stars: number;
    full_combos: number;
    missing: number;
    player: string;
    plays: number;
  }
  interface Position {
    id: number | null;
    md5: string;
    sha1: string;
    speed: number;
  }
  interface Problem {
    detail: string;
    errors: Array<Record<string, any>>;
    status: number;
    title: string;
    type: string;
  }
  interface ProposalPage {
    job: JobShape;
    limit: number;
    offset: number;
    songs: Array<SongProposals>;
    total: number;
  }
  interface ProposalShape {
    confidence: number;
    field: "name" | "artist" | "album" | "year" | "genre" | "album_track" | "art" | "lyrics";
    reason: string;
    source: string;
    value: string;
  }
  interface RepairList {
    repairs: Array<RepairShape>;
  }
  interface RepairLook {
    ids: Array<number>;
    repair: string;
  }
  interface RepairShape {
    name: string;
    songs: number | null;
    text: string;
    title: string;
  }
  interface RepairWanted {
    dry_run: boolean;
    ids: Array<number>;
    job: string;
    repair: string;
  }
  interface Restore {
    key: string;
  }
  interface Score {
    artist: string;
    full_combo: boolean;
    hash: string;
    percent: number;
    played: string;
    player: string;
    plays: number;
    score: number;
    stars: number;
    title: string;
  }
  interface SmartListMessage {
    message: string;
  }
  interface SmartListShape {
    name: string;
    query: string;
    songs: number;
  }
  interface SongChange {
    artist: string;
    changes: Array<Change>;
    error: string | null;
    id: number;
    status: number | null;
    title: string;
  }
  interface SongDetail {
    album: string;
    artist: string;
    best_score: number;
    chart: Record<string, any> | null;
    charter: string;
    created_at: string;
    difficulties: Array<string>;
    errors: number;
    etag: string;
    file_path: string;
    files: Record<string, number>;
    findings: Array<Record<string, any>>;
    full_combo: boolean;
    genre: string;
    has_art: boolean;
    has_lyrics: boolean;
    has_video: boolean;
    id: number;
    identity: string;
    instruments: Record<string, number>;
    length: number;
    metadata: Record<string, string>;
    modified: number;
    nps: number;
    path: string;
    plays: number;
    problems: number;
    refused: boolean;
    remote_path: string;
    rich_title: string;
    starred: boolean;
    stars: number;
    synced_at: string;
    tags: Array<string>;
    title: string;
    updated_at: string;
    year: string;
  }
  interface SongEdit {
    album: string | null;
    artist: string | null;
    breaks_scores: boolean;
    metadata: Record<string, any> | null;
    title: string | null;
  }
  interface SongEvent {
    fields: Array<Change>;
    job: JobShape;
    steps: Array<StepShape>;
  }
  interface SongFiles {
    files: Array<string>;
    name: string;
  }
  interface SongHistory {
    events: Array<SongEvent>;
  }
  interface SongIds {
    ids: Array<number>;
  }
  interface SongName {
    cover: number;
    name: string;
    songs: number;
  }
  interface SongPage {
    limit: number;
    offset: number;
    songs: Array<SongSummary>;
    total: number;
  }
  interface SongProposals {
    artist: string;
    id: number;
    path: string;
    proposals: Array<ProposalShape>;
    title: string;
  }
  interface SongSummary {
    album: string;
    artist: string;
    best_score: number;
    charter: string;
    created_at: string;
    difficulties: Array<string>;
    errors: number;
    etag: string;
    file_path: string;
    full_combo: boolean;
    genre: string;
    has_art: boolean;
    has_lyrics: boolean;
    has_video: boolean;
    id: number;
    instruments: Record<string, number>;
    length: number;
    metadata: Record<string, string>;
    modified: number;
    nps: number;
    path: string;
    plays: number;
    problems: number;
    refused: boolean;
    remote_path: string;
    rich_title: string;
    starred: boolean;
    stars: number;
    synced_at: string;
    tags: Array<string>;
    title: string;
    updated_at: string;
    year: string;
  }
  interface SongsOfFiles {
    songs: Array<SongFiles>;
  }
  interface Spelling {
    artist: string;
    songs: number;
  }
  interface SpellingGroup {
    key: string;
    variants: Array<Artist>;
  }
  interface SpellingGroups {
    groups: Array<SpellingGroup>;
    total: number;
  }
  interface Spellings {
    artists: Array<Array<Spelling>>;
  }
  interface Status {
    artists: number;
    duplicates: number;
    expected: number;
    folders: Array<FolderSize>;
    last_sync: SyncResult | null;
    length: number;
    message: string;
    problems: number;
    quota_free: number | null;
    quota_used: number;
    refused: number;
    server: string;
    size: number;
    songs: number;
    state: string;
    synced_at: number;
    total_songs: number;
    unread: number;
    version: string;
    webdav_configured: boolean;
    webdav_connected: boolean;
    webdav_error: string | null;
    webdav_url: string;
    without_art: number;
  }
  interface StepShape {
    after: Record<string, string | null>;
    before: Record<string, string | null>;
    kind: "add" | "delete" | "move" | "edit" | "merge" | "follow" | "list" | "art" | "write" | "ini" | "shrink";
    path: string;
    reason: string;
    target: string;
  }
  interface SyncResult {
    added: number;
    changed: number;
    held: Array<string>;
    notes: Array<string>;
    purged: number;
    refused: number;
    synced: number;
  }
  interface SyncState {
    current_folder: string;
    errors: Array<string>;
    failed: number;
    failure_details: Array<Failure>;
    last_sync_time: string | null;
    last_synced_song: string;
    phase: "idle" | "discovering" | "parsing" | "purging" | "done";
    processed: number;
    purged: number;
    running: boolean;
    synced: number;
    total_folders: number;
  }
  interface Synced {
    errors: Array<string>;
    failed: number;
    failure_count: number;
    job: JobShape;
    message: string;
    purged: number;
    synced: number;
    total_on_nextcloud: number;
  }
  interface SystemStatus {
    database: Database;
    db_sync: DatabaseSync;
    library_sync: SyncState;
    total_songs: number;
    uptime_seconds: number;
    version: string;
    webdav_configured: boolean;
  }
  interface Tag {
    name: string;
    songs: number;
  }
  interface Tags {
    album: string;
    artist: string;
    genre: string;
    title: string;
    year: string;
  }
  interface TrackName {
    average: number;
    difficulty: string;
    instrument: string;
    notes: number;
    peak: number;
  }
  interface Trash {
    entries: Array<TrashedShape>;
  }
  interface TrashedShape {
    deleted: number;
    is_folder: boolean;
    key: string;
    path: string;
    size: number;
  }
  interface TypedAccount {
    password: string;
    url: string;
    username: string;
  }
  interface UploadResult {
    failed: Array<string>;
    files: Array<Uploaded>;
    message: string;
    remote_path: string | null;
    remote_paths: Array<string>;
    songs: Array<ImportedSong>;
  }
  interface UploadState {
    id: string;
    name: string;
    offset: number;
    part_size: number;
    result: UploadResult | null;
    size: number;
  }
  interface Uploaded {
    error: string | null;
    job: JobShape | null;
    name: string;
    path: string | null;
  }
  interface Which {
    path: string | null;
    remote_path: string | null;
  }
}
