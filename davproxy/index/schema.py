"""The index's tables as numbered migrations. Each runs once, in one transaction with the number of it."""

import json
from collections.abc import Callable

from sqlite_utils import Database

from davproxy.formats.identify import is_music
from davproxy.index.features import DIFFICULTIES, INSTRUMENTS

APPLICATION_ID = 0x43484458
"""`CHDX`: the SQLite application id of an index of this program."""

_NOW = "(julianday('now') - 2440587.5) * 86400.0"
"""Unix seconds with a fraction, in every SQLite since 3.0."""

SONG_TEXT = ("title", "artist", "album", "genre", "charter")
"""The columns of full-text search."""


def create_entries(db: Database) -> None:
    """The entries table; `content` holds the bytes of a song.ini, which belong to the etag in the row."""
    db.execute(
        """
        CREATE TABLE entries (
            path TEXT PRIMARY KEY, parent TEXT NOT NULL, is_folder INTEGER NOT NULL, size INTEGER NOT NULL,
            modified REAL NOT NULL, etag TEXT NOT NULL, file_id INTEGER, content BLOB
        ) WITHOUT ROWID
        """
    )
    db.table("entries").create_index(["parent"])


def create_songs(db: Database) -> None:
    """The songs table. An older layout of it, with `file_path`, keeps its rows and ids."""
    songs = db.table("songs")
    if songs.exists():
        for trigger in songs.triggers:
            db.execute(f'DROP TRIGGER "{trigger.name}"')
        for index in songs.indexes:
            if index.origin == "c":
                songs.drop_index(index.name)
        songs.transform(rename={"file_path": "remote_path"})
        db.rename_table("songs", "older_songs")
    db.execute(
        f"""
        CREATE TABLE songs (
            id INTEGER PRIMARY KEY,
            title TEXT NOT NULL, artist TEXT NOT NULL DEFAULT '', album TEXT NOT NULL DEFAULT '',
            remote_path TEXT NOT NULL UNIQUE,
            metadata TEXT NOT NULL DEFAULT '{{}}',
            synced_at REAL, created_at REAL NOT NULL DEFAULT ({_NOW}),
            updated_at REAL NOT NULL DEFAULT ({_NOW}),
            genre TEXT NOT NULL DEFAULT '', year TEXT NOT NULL DEFAULT '', charter TEXT NOT NULL DEFAULT '',
            length INTEGER NOT NULL DEFAULT 0, modified REAL NOT NULL DEFAULT 0,
            identity TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '',
            files TEXT NOT NULL DEFAULT '{{}}', instruments TEXT NOT NULL DEFAULT '{{}}',
            difficulties TEXT NOT NULL DEFAULT '[]',
            problems TEXT NOT NULL DEFAULT '[]', refused INTEGER NOT NULL DEFAULT 0,
            has_video INTEGER NOT NULL DEFAULT 0, has_lyrics INTEGER NOT NULL DEFAULT 0,
            has_art INTEGER NOT NULL DEFAULT 0,
            notes_etag TEXT NOT NULL DEFAULT '', chart TEXT
        )
        """
    )
    if db.table("older_songs").exists():
        wanted = ("id", "title", "artist", "album", "remote_path", "metadata")
        there = db.table("older_songs").columns_dict
        columns = ", ".join(column for column in wanted if column in there)
        values = ", ".join(
            f"coalesce({column}, '')" if column in ("title", "artist", "album") else column
            for column in wanted
            if column in there
        )
        db.execute(
            f"INSERT OR IGNORE INTO songs ({columns}) SELECT {values} FROM older_songs WHERE remote_path IS NOT NULL"
        )
        db.table("older_songs").drop()
    for column in ("title", "artist", "album", "genre", "year", "charter"):
        db.execute(f"CREATE INDEX songs_by_{column} ON songs ({column} COLLATE NOCASE, id)")
    for column in ("remote_path", "identity", "length", "modified", "created_at"):
        db.execute(f"CREATE INDEX songs_by_{column} ON songs ({column})")
    db.execute(
        f"""
        CREATE TRIGGER songs_updated AFTER UPDATE ON songs FOR EACH ROW WHEN new.updated_at = old.updated_at
        BEGIN UPDATE songs SET updated_at = max({_NOW}, old.updated_at + 0.001) WHERE id = new.id; END
        """
    )
    db.table("songs").enable_fts(SONG_TEXT, create_triggers=True, tokenize="unicode61 remove_diacritics 2")


def create_jobs(db: Database) -> None:
    """The jobs table, and the facts table of single values by name."""
    db.execute(
        """
        CREATE TABLE jobs (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, state TEXT NOT NULL, subject TEXT NOT NULL,
            options TEXT NOT NULL, step TEXT NOT NULL, progress REAL NOT NULL, result TEXT, error TEXT,
            created REAL NOT NULL, updated REAL NOT NULL
        )
        """
    )
    db.table("jobs").create_index(["state"])
    db.table("jobs").create_index(["created"])
    db.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")


def read_notes_again(db: Database) -> None:
    """Have the notes of all songs read again, because the readers of an older version read some of them otherwise."""
    db.execute("UPDATE songs SET notes_etag = ''")


def add_checksums(db: Database) -> None:
    """The checksums of files, which belong to their etag."""
    db.execute("ALTER TABLE entries ADD COLUMN checksums TEXT NOT NULL DEFAULT ''")


def create_job_records(db: Database) -> None:
    """The table of what jobs did to each of their subjects."""
    db.execute(
        """
        CREATE TABLE job_records (
            job TEXT NOT NULL, subject TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (job, subject)
        ) WITHOUT ROWID
        """
    )


def add_sha1(db: Database) -> None:
    """The SHA-1 of notes files, which are read again for it."""
    db.execute("ALTER TABLE songs ADD COLUMN sha1 TEXT NOT NULL DEFAULT ''")
    db.table("songs").create_index(["sha1"])
    read_notes_again(db)


def add_search(db: Database) -> None:
    """What search needs beside the full text: its words, and the most notes a second of a song's charts."""
    db.execute("CREATE VIRTUAL TABLE songs_vocab USING fts5vocab(songs_fts, 'row')")
    db.execute("ALTER TABLE songs ADD COLUMN nps REAL NOT NULL DEFAULT 0")
    db.execute(
        "UPDATE songs SET nps = coalesce((SELECT max(json_extract(value, '$.average'))"
        " FROM json_each(songs.chart, '$.tracks')), 0) WHERE chart IS NOT NULL"
    )
    db.table("songs").create_index(["nps"])


def index_filters(db: Database) -> None:
    """An index with what search filters by, so that a filter reads no wide rows; and whether a song has solos."""
    db.execute("ALTER TABLE songs ADD COLUMN has_solos INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE songs SET has_solos = 1 WHERE instr(chart, '\"has_solos\": true') > 0")
    db.table("songs").create_index(
        ["nps", "length", "year", "instruments", "has_solos", "has_art", "has_video", "has_lyrics", "created_at"],
        "songs_by_filters",
    )


def create_scores_and_marks(db: Database) -> None:
    """What players did in songs, the lists and tags of songs, by the hash of the notes, and the files that say so."""
    db.execute("CREATE TABLE read_files (path TEXT PRIMARY KEY, etag TEXT NOT NULL, problem TEXT NOT NULL)")
    db.execute(
        """
        CREATE TABLE scores (
            path TEXT NOT NULL, player TEXT NOT NULL, hash TEXT NOT NULL, plays INTEGER NOT NULL,
            score INTEGER NOT NULL, stars INTEGER NOT NULL, percent INTEGER NOT NULL, full_combo INTEGER NOT NULL,
            played TEXT NOT NULL, title TEXT NOT NULL, artist TEXT NOT NULL
        )
        """
    )
    db.table("scores").create_index(["hash", "plays", "stars", "full_combo"])
    db.table("scores").create_index(["path"])
    db.execute(
        """
        CREATE TABLE marks (
            hash TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,
            PRIMARY KEY (hash, kind, name, path)
        ) WITHOUT ROWID
        """
    )
    db.table("marks").create_index(["path"])
    db.table("marks").create_index(["kind", "name", "hash"])


def add_facets(db: Database) -> None:
    """What songs have as one number, the keys of article-aware order, and an index with all that facets count.

    Triggers no longer run for columns that do not concern them. Notes are read again for open notes, taps and kicks.
    """
    columns = ("title_key", "artist_key", "album_key")
    for column in columns:
        db.execute(f"ALTER TABLE songs ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE songs ADD COLUMN features INTEGER NOT NULL DEFAULT 0")
    db.execute("DROP TRIGGER songs_updated")
    db.execute("DROP TRIGGER songs_au")
    db.conn.create_function("has_stems", 1, lambda files: sum(map(is_music, json.loads(files))) > 1)
    bits = [
        "has_art + 2 * has_video + 4 * has_lyrics + 8 * has_stems(files) + 16 * has_solos + 256 * (problems <> '[]')"
    ]
    bits += [f"{bit} * (instr(instruments, '\"{name}\"') > 0)" for name, bit in INSTRUMENTS.items()]
    bits += [f"{bit} * (instr(difficulties, '\"{name}\"') > 0)" for name, bit in DIFFICULTIES.items()]
    db.execute(f"UPDATE songs SET notes_etag = '', features = {' + '.join(bits)}")
    written = [name for name in db.table("songs").columns_dict if name not in (*columns, "updated_at")]
    db.execute(
        f"""
        CREATE TRIGGER songs_updated AFTER UPDATE OF {", ".join(written)} ON songs FOR EACH ROW
        WHEN new.updated_at = old.updated_at
        BEGIN UPDATE songs SET updated_at = max({_NOW}, old.updated_at + 0.001) WHERE id = new.id; END
        """
    )
    texts = ", ".join(SONG_TEXT)
    old, new = (", ".join(f"{which}.{name}" for name in SONG_TEXT) for which in ("old", "new"))
    db.execute(
        f"""
        CREATE TRIGGER songs_au AFTER UPDATE OF {texts} ON songs WHEN ({old}) IS NOT ({new})
        BEGIN
            INSERT INTO songs_fts (songs_fts, rowid, {texts}) VALUES ('delete', old.id, {old});
            INSERT INTO songs_fts (rowid, {texts}) VALUES (new.id, {new});
        END
        """
    )
    for index in ("songs_by_title", "songs_by_filters", "idx_songs_nps"):
        db.execute(f"DROP INDEX {index}")
    for column in columns:
        others = [other for other in ("title_key",) if other != column]
        db.table("songs").create_index([column, *others, "id"], f"songs_by_{column}")
    facets = ["nps", "length", "artist", "album", "genre", "charter", "year", "instruments", "features", "created_at"]
    db.table("songs").create_index(facets, "songs_by_facets")


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    create_entries,
    create_songs,
    create_jobs,
    read_notes_again,
    add_checksums,
    create_job_records,
    add_sha1,
    add_search,
    index_filters,
    create_scores_and_marks,
    add_facets,
)
VERSION = len(MIGRATIONS)


def migrate(db: Database) -> None:
    """Bring the file to VERSION; its `user_version` is the number of the last migration that ran."""
    for number, step in enumerate(MIGRATIONS, start=1):
        if version_of(db) < number:
            with db.atomic():
                step(db)
                db.execute(f"PRAGMA user_version = {number}")
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def version_of(db: Database) -> int:
    """The file's schema version; 0 for a new one and for the older layout."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])
