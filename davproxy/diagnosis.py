"""What is found when something is looked at, for people; and looking at the place where the library is kept."""

import contextlib
import os
import statistics
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from davproxy.errors import DavproxyError, NoSpace, SignInRefused
from davproxy.model import Quota
from davproxy.paths import TEMP, join
from davproxy.remote.protocol import Remote

PROBE = 4 * 1024 * 1024
"""Bytes written and read back to measure the remote."""
_MIB = 1024 * 1024


class Grade(Enum):
    """How good it is, with the mark and colour that show it."""

    GOOD = ("✓", "green")
    HINT = ("·", "cyan")
    BAD = ("✗", "red")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `advice` says what to do about it."""

    grade: Grade
    text: str
    advice: str = ""


def good(text: str) -> Finding:
    return Finding(Grade.GOOD, text)


def hint(text: str, advice: str = "") -> Finding:
    return Finding(Grade.HINT, text, advice)


def bad(text: str, advice: str) -> Finding:
    return Finding(Grade.BAD, text, advice)


def look_at_remote(
    remote: Remote,
    if_refused: str = "Check NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD, or sign in again with davproxy setup.",
) -> Iterator[Finding]:
    """Whether the library's place can be reached, what it can do, how fast it is, its clock and its space.

    `if_refused` says what to do where it refuses who we are: that depends on where the user name came from.
    """
    began = time.monotonic()
    try:
        features = remote.connect()
    except SignInRefused:
        yield bad("The server refuses the user name or the app password.", if_refused)
        return
    except DavproxyError as error:
        yield bad(error.message, "Nothing else can be checked on it until it can be reached.")
        return
    yield good(f"The library is on: {features.label} (connected in {_milliseconds(time.monotonic() - began)}).")
    missing = [
        words
        for there, words in (
            (features.file_ids, "file ids: a song renamed elsewhere gets a new id"),
            (features.recursive_etags, "recursive etags: finding changes costs a listing of the whole library"),
            (features.trash, "a trash bin: what is deleted cannot be restored"),
            (features.bulk_read, "bulk reads: the first sync reads song by song"),
        )
        if not there
    ]
    for words in missing:
        yield hint(f"It lacks {words}.")
    try:
        yield from _speed(remote)
        yield _space(remote.quota())
    except NoSpace as error:
        yield bad(error.message, "Free some space there; deleted files may still lie in the trash bin.")
    except DavproxyError as error:
        yield bad(error.message, "Check that the account may write into the library's folder.")


def _speed(remote: Remote) -> Iterator[Finding]:
    times = []
    for _ in range(5):
        began = time.monotonic()
        remote.stat(TEMP)
        times.append(time.monotonic() - began)
    answer = statistics.median(times)
    yield (good if answer < 0.5 else hint)(f"It answers a question in {_milliseconds(answer)}.")
    path, content = join(TEMP, f"probe-{uuid.uuid4().hex}"), os.urandom(PROBE)
    try:
        began = time.monotonic()
        entry = remote.write(path, content)
        wrote = time.monotonic() - began
        ahead = entry.modified - time.time()
        began = time.monotonic()
        same = remote.read(path) == content
        read = time.monotonic() - began
    finally:
        with contextlib.suppress(DavproxyError):
            remote.delete(path)
    if not same:
        yield bad("What was written is not what was read back.", "Do not use this server until that is explained.")
    yield good(f"It writes {PROBE / _MIB / wrote:.0f} MiB/s and reads {PROBE / _MIB / read:.0f} MiB/s.")
    if abs(ahead) > 60 + wrote:
        yield bad(
            f"Its clock is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} ours.",
            "Set both clocks by NTP; times of files look wrong otherwise.",
        )


def _space(quota: Quota) -> Finding:
    if quota.free is None:
        return good(f"{sized(quota.used)} used there, without a limit.")
    if quota.free < 1024 * _MIB:
        return bad(f"Only {sized(quota.free)} are left there.", "Free some space, or ask for a larger quota.")
    return good(f"{sized(quota.used)} used there, {sized(quota.free)} free.")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "less than 1 ms"


def sized(size: float) -> str:
    """Bytes in words."""
    return f"{size / 1024**3:.1f} GiB" if size >= 1024**3 else f"{size / _MIB:.0f} MiB"
