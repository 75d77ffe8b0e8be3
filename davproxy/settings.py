"""Every setting in one table, read once from the environment and `.env`. No other module reads either."""

import dataclasses
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values, set_key

from davproxy import setting_names
from davproxy import setting_types as types
from davproxy.errors import SettingsError, TooLarge


def _setting(name: str, default: str, read: Callable[[str], Any], words: str, *, secret: bool = False) -> Any:
    """One row of the table: the variable's name, its default as a person would type it, its type, and its help."""
    return dataclasses.field(
        repr=not secret, metadata={"name": name, "default": default, "read": read, "help": words, "secret": secret}
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """The table. Sizes are in bytes, times in seconds."""

    host: str = _setting(
        "APP_HOST",
        "127.0.0.1",
        types.text,
        "Address to listen on. Beyond loopback a user name and password are required.",
    )
    port: int = _setting("APP_PORT", "8000", types.port, "Port to listen on; 0 takes a free one.")
    library_dir: Path = _setting(
        "LIBRARY_DIR", "library", types.path, "The local library folder, used without a Nextcloud; made if missing."
    )
    username: str = _setting("APP_USERNAME", "", types.text, "User name that clients sign in with.")
    password: str = _setting("APP_PASSWORD", "", types.text, "Password that clients sign in with.", secret=True)
    secret_key: str = _setting(
        "SECRET_KEY",
        "",
        types.text,
        "Signs session cookies. Without one, the key is made from the user name and password.",
        secret=True,
    )
    session_max_age: float = _setting(
        "SESSION_MAX_AGE", "2592000", types.seconds, "Seconds that a sign-in on the page lasts; 30 days by default."
    )
    log_level: str = _setting("LOG_LEVEL", "INFO", types.level, "TRACE, DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    redis_url: str = _setting(
        "REDIS_URL",
        "",
        types.redis_address,
        "Address of a Redis that several instances of one library share, with its password; empty for one instance.",
        secret=True,
    )
    temp_dir: Path = _setting(
        "TEMP_DIR",
        "",
        types.path,
        "Transient folder for index, cache and unpacking; the system's own by default. Losing it loses nothing.",
    )
    db_path: Path = _setting("DB_PATH", "", types.path, "The index file; in TEMP_DIR by default.")
    db_sync_interval: float = _setting(
        "DB_SYNC_INTERVAL", "300", types.seconds, "Seconds between uploads of a changed index."
    )
    poll_interval: float = _setting(
        "POLL_INTERVAL",
        "10",
        types.pause,
        "Seconds between looks at the remote for changes made elsewhere; 0 looks at the start and on request only.",
    )
    nextcloud_url: str = _setting(
        "NEXTCLOUD_URL",
        "",
        types.address,
        "Address of the Nextcloud or any page of it, or of another WebDAV server's folder; empty for a local folder.",
    )
    nextcloud_username: str = _setting("NEXTCLOUD_USERNAME", "", types.text, "User name on the Nextcloud.")
    nextcloud_password: str = _setting(
        "NEXTCLOUD_PASSWORD",
        "",
        types.text,
        "App password on the Nextcloud (far faster than the account's own).",
        secret=True,
    )
    nextcloud_remote_path: str = _setting(
        "NEXTCLOUD_REMOTE_PATH",
        "CloneHero",
        types.text,
        "The library's folder there; a full /remote.php/dav/files/{username}/CloneHero works too.",
    )
    songs_folder: str = _setting(
        "NEXTCLOUD_SONGS_FOLDER", "Songs", types.folder, "Name of the remote folder behind /Songs."
    )
    drop_folder: str = _setting(
        "NEXTCLOUD_DROP_FOLDER", "Drop", types.folder, "Name of the remote folder behind /Drop."
    )
    generator_folder: str = _setting(
        "NEXTCLOUD_GENERATOR_FOLDER", "Generator", types.folder, "Name of the remote folder behind /Generate."
    )
    backgrounds_folder: str = _setting(
        "NEXTCLOUD_BACKGROUNDS_FOLDER", "Backgrounds", types.folder, "Name of the remote folder behind /Backgrounds."
    )
    colors_folder: str = _setting(
        "NEXTCLOUD_COLORS_FOLDER", "Colors", types.folder, "Name of the remote folder behind /Colors."
    )
    highways_folder: str = _setting(
        "NEXTCLOUD_HIGHWAYS_FOLDER", "Highways", types.folder, "Name of the remote folder behind /Highways."
    )
    setlists_folder: str = _setting(
        "NEXTCLOUD_SETLISTS_FOLDER", "Setlists", types.folder, "Name of the remote folder behind /Setlists."
    )
    scores_folder: str = _setting(
        "NEXTCLOUD_SCORES_FOLDER", "Scores", types.folder, "Name of the remote folder behind /Scores."
    )
    database_folder: str = _setting(
        "NEXTCLOUD_DATABASE_FOLDER",
        "Database",
        types.folder,
        "Name of the remote folder that keeps the index's snapshot.",
    )
    temp_folder: str = _setting(
        "NEXTCLOUD_TEMP_FOLDER", "Temp", types.folder, "Name of the remote folder where songs are staged."
    )
    upload_limit: int = _setting("UPLOAD_LIMIT", "8 GiB", types.size, "Largest file a client may send.")
    unpacked_limit: int = _setting(
        "UNPACKED_LIMIT", "8 GiB", types.size, "Largest total size of an archive's contents."
    )
    archive_entries: int = _setting("ARCHIVE_ENTRIES", "5000", types.whole, "Most files an archive may hold.")
    archive_extensions: tuple[str, ...] = _setting(
        "ARCHIVE_EXTENSIONS",
        "zip, rar, 7z, tar, gz, tgz, bz2, tbz2, xz, txz, zst, tzst, sng",
        types.names,
        "Archives that are imported, by extension; their content then decides what they are.",
    )
    audio_extensions: tuple[str, ...] = _setting(
        "AUDIO_EXTENSIONS",
        "mp3, ogg, opus, flac, wav, aif, aiff, m4a, aac, mp4, m4b, mka, oga, wma, webm, mkv, mov, avi",
        types.names,
        "Audio that /Generate takes, and video for its sound.",
    )
    content_extensions: tuple[str, ...] = _setting(
        "CONTENT_EXTENSIONS",
        "png, jpg, jpeg, ini, mp4, avi, webm, ogv, mpeg",
        types.names,
        "Files that the web page takes for backgrounds, colours and highways.",
    )
    cache_size: int = _setting(
        "CACHE_SIZE", "2 GiB", types.size, "Most disk in TEMP_DIR for contents read from the remote."
    )
    job_workers: int = _setting("JOB_WORKERS", "2", types.whole, "Jobs that run at the same time.")
    job_memory: int = _setting(
        "JOB_MEMORY", "3 GiB", types.size, "Most memory for a child process that unpacks or charts."
    )
    job_time: float = _setting("JOB_TIME", "1800", types.seconds, "Most seconds of processor time for such a child.")
    charter_name: str = _setting(
        "CHARTER_NAME", "davproxy", types.text, "Charter that song.ini of a generated song names, unless you type one."
    )
    song_folders: str = _setting(
        "SONG_FOLDERS",
        "{artist}/{title}_{id}",
        types.song_folders,
        "Folders of songs, by {artist} {title} {album} {genre} {year} {charter} {playlist} {source} {id}.",
    )
    same_notes: str = _setting(
        "SAME_NOTES",
        "keep",
        types.one_of("keep", "replace", "both"),
        "A song that comes again with other files: keep ours and add what is missing, replace ours, or keep both.",
    )
    newer_versions: str = _setting(
        "NEWER_VERSIONS",
        "keep",
        types.one_of("keep", "replace"),
        "A song that comes with other notes, of the same artist, title and charter: keep or replace the older one.",
    )
    lookup: bool = _setting(
        "LOOKUP",
        "no",
        types.flag,
        "Ask MusicBrainz, Cover Art Archive and LRCLIB, by artist and title, when somebody looks for what songs lack.",
    )
    sort_articles: tuple[str, ...] = _setting(
        "SORT_ARTICLES",
        "The, A, An, Der, Die, Das, Le, La, Les, El, Los",
        types.names,
        "Articles at the beginning of titles, artists and albums that sorting passes over; a comma alone for none.",
    )
    generate_drums: bool = _setting("GENERATE_DRUMS", "yes", types.flag, "Chart drums too where they are clear.")
    metrics: bool = _setting("METRICS", "no", types.flag, "Show measurements for Prometheus at /metrics.")
    server_threads: int = _setting("SERVER_THREADS", "40", types.whole, "Requests served at the same time.")
    allowed_hosts: tuple[str, ...] = _setting(
        "ALLOWED_HOSTS", "", types.names, "Host names clients may use besides the address listened on; * for any."
    )
    trusted_proxies: tuple[str, ...] = _setting(
        "TRUSTED_PROXIES", "", types.names, "Addresses of reverse proxies whose X-Forwarded headers are believed."
    )
    tls_certificate: Path = _setting("TLS_CERTIFICATE", "", types.path, "Certificate file (PEM) to serve https.")
    tls_key: Path = _setting("TLS_KEY", "", types.path, "Its private key file (PEM).")

    sources: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False, repr=False)
    """The source of each variable's value: `default`, `.env` or `environment`."""

    notes: tuple[str, ...] = dataclasses.field(default=(), compare=False, repr=False)
    """What to say in the log about names that are not in the table."""

    ROWS: ClassVar[tuple["Row", ...]]

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Self:
        """The value of each setting: from the environment, else from `.env`, else the default.

        Raises SettingsError, naming the setting, for the first bad value.
        """
        environment = os.environ if environment is None else environment
        file = Path(".env") if dotenv is None else dotenv
        written = {key: value for key, value in dotenv_values(file).items() if value is not None}
        names = [row.name for row in cls.ROWS]
        given = {**{key: value for key, value in written.items() if value.strip()}, **_not_empty(environment)}
        try:
            values_given, old_names, notes = setting_names.translate(given, names)
        except ValueError as error:
            raise SettingsError(str(error)) from None
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for row in cls.ROWS:
            raw, came, sources[row.name] = row.default, row.name, "default"
            if row.name in values_given:
                raw, came = values_given[row.name], old_names.get(row.name, row.name)
                sources[row.name] = "environment" if came in _not_empty(environment) else ".env"
            try:
                values[row.field] = row.read(raw)
            except ValueError as error:
                shown = "" if row.secret else f" “{given.get(came, raw)}”"
                renamed = "" if came == row.name else f" Its name is now {row.name}."
                raise SettingsError(f"{came}{shown} {_reason(error)}.{renamed} {row.help}") from None
        return cls(**values, sources=sources, notes=tuple(notes))._complete()

    def _complete(self) -> Self:
        """The settings with the defaults that depend on others. Raises SettingsError where two do not go together."""
        changes: dict[str, Any] = {}
        if self.temp_dir == Path():
            changes["temp_dir"] = (
                Path(tempfile.gettempdir()) / f"davproxy-{os.getuid() if hasattr(os, 'getuid') else ''}"
            )
        if self.db_path == Path():
            changes["db_path"] = changes.get("temp_dir", self.temp_dir) / "clonehero.db"
        if self.nextcloud_url and not (self.nextcloud_username and self.nextcloud_password):
            raise SettingsError("NEXTCLOUD_URL is set, so NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD must be set too.")
        if bool(self.username) != bool(self.password):
            raise SettingsError("APP_USERNAME and APP_PASSWORD must be set together, or neither.")
        if self.redis_url and not self.secret_key:
            raise SettingsError("REDIS_URL is set, so SECRET_KEY must be set too, to the same text for all instances.")
        if (self.tls_certificate == Path()) != (self.tls_key == Path()):
            raise SettingsError("TLS_CERTIFICATE and TLS_KEY must be set together, or neither.")
        if self.job_workers < 1 or self.server_threads < 4 or self.archive_entries < 1:
            raise SettingsError("JOB_WORKERS and ARCHIVE_ENTRIES must be at least 1, SERVER_THREADS at least 4.")
        folders = list(self.folders.values())
        if len({name.casefold() for name in folders}) != len(folders):
            raise SettingsError("Two of the NEXTCLOUD_…_FOLDER settings name the same folder. Give each its own.")
        return dataclasses.replace(self, **changes)

    @property
    def folders(self) -> dict[str, str]:
        """The remote's name of each stored top folder: `{"/Songs": "Songs", "/Generate": "Generator", …}`."""
        return {
            "/Songs": self.songs_folder,
            "/Drop": self.drop_folder,
            "/Generate": self.generator_folder,
            "/Backgrounds": self.backgrounds_folder,
            "/Colors": self.colors_folder,
            "/Highways": self.highways_folder,
            "/Setlists": self.setlists_folder,
            "/Scores": self.scores_folder,
            "/Database": self.database_folder,
            "/Temp": self.temp_folder,
        }

    @property
    def remote_folder(self) -> str:
        """NEXTCLOUD_REMOTE_PATH below the user's files, without the prefix of a full DAV path and outer slashes."""
        path = unquote(urlsplit(self.nextcloud_remote_path).path).replace("{username}", self.nextcloud_username)
        return re.sub(r"^.*/remote\.php/(dav/files/[^/]+|webdav)(?=/|$)", "", f"/{path}").strip("/")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must not appear in a log."""
        values = [getattr(self, row.field) for row in self.ROWS if row.secret]
        return tuple(filter(None, [*values, unquote(urlsplit(self.redis_url).password or "")]))

    def rows(self) -> list[tuple[str, str, str]]:
        """Every setting as (variable, value as text, source), secrets hidden."""
        shown = []
        for row in self.ROWS:
            value = getattr(self, row.field)
            text = ", ".join(value) if isinstance(value, tuple) else "" if value == Path() else str(value)
            shown.append((row.name, "********" if row.secret and text else text, self.sources.get(row.name, "default")))
        return shown


@dataclass(frozen=True, slots=True)
class Row:
    """One setting, as the docs, `davproxy config` and `.env.example` show it."""

    field: str
    name: str
    default: str
    read: Callable[[str], Any]
    help: str
    secret: bool


Settings.ROWS = tuple(Row(field.name, **field.metadata) for field in dataclasses.fields(Settings) if field.metadata)


def store(file: Path, values: Mapping[str, str]) -> None:
    """Set variables in a `.env`. Its other lines stay, and only its owner can read it."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    for name, value in values.items():
        set_key(file, name, value)


def over_upload_limit(limit: int) -> TooLarge:
    """The error for a file of more than `limit` bytes, the value of UPLOAD_LIMIT."""
    return TooLarge(f"The file is larger than the {limit >> 20} MiB this server takes (UPLOAD_LIMIT).")


def _not_empty(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that are not empty."""
    return {name: value for name, value in variables.items() if value.strip()}


def _reason(error: ValueError) -> str:
    words = str(error)
    return words if words.startswith("must") else "is not a number"
