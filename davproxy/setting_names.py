"""Names of settings that are not in the table: those of the first version, which are read, and misspelt ones."""

from collections.abc import Callable, Collection, Mapping
from difflib import SequenceMatcher

FOLDERS = ("SONGS", "GENERATOR", "BACKGROUNDS", "COLORS", "HIGHWAYS", "TEMP", "DATABASE")
NO_EFFECT = {
    "APP_ENV": "",
    "APP_VERSION": "",
    "LIBRARY_SYNC_ON_STARTUP": " The library is always read at the start, and then as POLL_INTERVAL says.",
}
"""Names that are accepted, each with what the log adds."""
PREFIXES = ("APP_", "NEXTCLOUD_")
TESTS = "NEXTCLOUD_TEST_"
"""The prefix of what `make test-nextcloud` reads."""


def _same(raw: str) -> str:
    return raw


def _folder_of_database(raw: str) -> str:
    folder, _, name = raw.strip().rstrip("/").rpartition("/")
    if name != "clonehero.db" or not folder.strip("/"):
        raise ValueError("must be a folder and the name clonehero.db, such as /Database/clonehero.db")
    return folder


def _gibibytes(raw: str) -> str:
    return f"{float(raw):f} GiB"  # without an exponent


def _level(raw: str) -> str:
    return "DEBUG" if raw.strip().lower() in ("1", "true", "yes", "on") else "INFO"


OLD: Mapping[str, tuple[str, Callable[[str], str]]] = {
    **{f"NEXTCLOUD_{folder}_PATH": (f"NEXTCLOUD_{folder}_FOLDER", _same) for folder in FOLDERS},
    "NEXTCLOUD_DB_PATH": ("NEXTCLOUD_DATABASE_FOLDER", _folder_of_database),
    "MAX_FILE_SIZE_GB": ("UPLOAD_LIMIT", _gibibytes),
    "AUTH_USERNAME": ("APP_USERNAME", _same),
    "AUTH_PASSWORD": ("APP_PASSWORD", _same),
    "LIBRARY_SYNC_INTERVAL": ("POLL_INTERVAL", _same),
    "DEBUG": ("LOG_LEVEL", _level),
}
"""By the old name: the name today, and what turns an old value into one of today's."""


def translate(given: Mapping[str, str], known: Collection[str]) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """The values of `given` under names of today, the old name of each that came under one, and lines for the log.

    A name of today counts more than an old one. `known` are the names of the table. Raises ValueError, which begins
    with the name, for an old value that has no meaning today.
    """
    values = {name: value for name, value in given.items() if value.strip()}
    old_names: dict[str, str] = {}
    notes: list[str] = []
    for old, (new, convert) in OLD.items():
        if old not in values:
            continue
        if new in values:
            notes.append(f"{old} is now called {new}. {old_names.get(new, new)} is set too and counts.")
            continue
        try:
            values[new] = convert(values[old])
        except ValueError as error:
            reason = str(error) if str(error).startswith("must") else "must be a number"
            raise ValueError(f"{old} “{values[old]}” {reason}. Its name is now {new}.") from None
        old_names[new] = old
        notes.append(f"{old} is now called {new}.")
    notes += [f"{name} has no effect any more.{more}" for name, more in NO_EFFECT.items() if name in values]
    unknown = (name for name in values if name.startswith(PREFIXES) and not name.startswith(TESTS))
    for name in sorted(set(unknown) - {*known, *OLD, *NO_EFFECT}):
        nearest = max([*known, *OLD], key=lambda other: _likeness(name, other))
        notes.append(f"{name} is no setting. Did you mean {OLD[nearest][0] if nearest in OLD else nearest}?")
    return values, old_names, notes


def _likeness(name: str, other: str) -> float:
    """How alike two names are. What follows the prefix counts more, because many names share that."""
    pairs = ((name, other), (_without_prefix(name), _without_prefix(other)))
    return sum(SequenceMatcher(None, *pair).ratio() for pair in pairs)


def _without_prefix(name: str) -> str:
    return next((name.removeprefix(prefix) for prefix in PREFIXES if name.startswith(prefix)), name)
