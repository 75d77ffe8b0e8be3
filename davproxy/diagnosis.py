"""Checks and their results for people, and the checks of the remote."""

import contextlib
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile
from pathlib import Path

from davproxy import paths
from davproxy.coordination import Coordination
from davproxy.errors import DavproxyError, NoSpace, SignInRefused, Unavailable
from davproxy.model import Quota
from davproxy.paths import TEMP, join
from davproxy.remote.etag_check import folders_with_lasting_etags
from davproxy.remote.protocol import Remote

PROBE = 4 * 1024 * 1024
"""Bytes written and read back to measure the remote."""
SLOW_SECONDS = 0.5
"""A remote whose answer takes longer gets a hint."""
FILES, SLOW_FILE_SECONDS = 40, 0.006
"""Small files of a bulk read, and what one costs where something is wrong; with locks in a memory cache it is 1 ms."""
REQUESTS = (10_500_000, 33_000_000, 100_000_000)
"""Bytes of our longest requests: a part of a large file, a bulk upload, a file in one request."""
LONG_SECONDS = 70.0
"""A request that takes so long shows the limits that are common: 20, 30 and 60 seconds."""
CLOCK_SECONDS = 60
"""How far the remote's clock may be off."""
_MIB = 1024 * 1024


class Grade(Enum):
    """How good a result is, with its mark and colour."""

    GOOD = ("✓", "green")
    HINT = ("·", "cyan")
    BAD = ("✗", "red")


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check. `advice` says what to do about it."""

    grade: Grade
    text: str
    advice: str = ""


def good(text: str) -> Check:
    return Check(Grade.GOOD, text)


def hint(text: str, advice: str = "") -> Check:
    return Check(Grade.HINT, text, advice)


def bad(text: str, advice: str) -> Check:
    return Check(Grade.BAD, text, advice)


def check_remote(
    remote: Remote,
    given: str,
    if_refused: str = "Check NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD, or sign in again with davproxy setup.",
) -> Iterator[Check]:
    """Check whether the remote can be reached, what it can do, its speed, its clock and its free space.

    `given` is its address as a person gave it, empty for a local folder. `if_refused` is the advice where it refuses
    our account; it depends on where the user name came from.
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
    where = f" at {features.address}" if features.address else ""
    yield good(f"The library is on: {features.label}{where} (connected in {_milliseconds(time.monotonic() - began)}).")
    if features.address != given:
        yield hint(f"The address {given} is understood as {features.address}.")
    missing = [
        words
        for there, words in (
            (features.file_ids, "file ids: a song renamed elsewhere gets a new id"),
            (features.recursive_etags, "recursive etags: finding changes costs a listing of the whole library"),
            (features.trash, "a trash bin: what is deleted cannot be restored"),
            (features.bulk_read, "bulk reads: the first sync reads song by song"),
            (features.etags, "etags: a change of equal size within a second is not seen"),
            (features.guards, "guarded moves: of two people who replace a file in the same moment, the later one wins"),
        )
        if not there
    ]
    for words in missing:
        yield hint(f"It lacks {words}.")
    try:
        yield from _etags(remote)
        yield from _push(remote)
        yield from _speed(remote)
        yield from _small_files(remote)
        yield from _long_requests(remote)
        yield _space(remote.quota())
    except NoSpace as error:
        yield bad(error.message, "Free some space there; deleted files may still lie in the trash bin.")
    except DavproxyError as error:
        yield bad(error.message, "Check that the account may write into the library's folder.")


def check_coordination(coordination: Coordination) -> Iterator[Check]:
    """Check whether the Redis that the instances share answers, how fast, where there are several."""
    if not coordination.is_shared:
        yield hint("This is the only instance; several of them need REDIS_URL.")
        return
    try:
        coordination.claim("doctor", 1.0)
        began = time.monotonic()
        coordination.release("doctor")
    except Unavailable as error:
        yield bad(error.message, "Check REDIS_URL, and that the Redis runs and takes this password.")
    else:
        yield good(f"The Redis that the instances share answers in {_milliseconds(time.monotonic() - began)}.")


def _etags(remote: Remote) -> Iterator[Check]:
    """Check which top folders must be listed to see what changed in them."""
    features = remote.features
    if features.local or not features.recursive_etags:
        return
    tops = [each.path for each in remote.children("/") if each.is_folder and each.path in paths.STORED]
    mounts = {each.path for top in tops for each in remote.children(top) if each.mounted and each.is_folder}
    lasting = sorted({*features.external, *folders_with_lasting_etags(remote), *mounts})
    if lasting:
        yield hint(
            f"The etags of {', '.join(lasting)} do not say what changed in them, as on external storage and in group "
            "folders. They are listed at every sync.",
            "In a large library changes made elsewhere are seen later; a folder of the account's own is faster.",
        )


def _push(remote: Remote) -> Iterator[Check]:
    """Check whether the remote reports changes by itself."""
    features = remote.features
    if features.local or not features.recursive_etags:
        return
    if not features.push:
        yield hint(
            "It does not report changes: one made elsewhere is seen by the next sync, after up to POLL_INTERVAL.",
            "With the app Client Push (notify_push) changes are seen within a second.",
        )
        return
    try:
        changes = remote.changes()
    except DavproxyError as error:
        yield hint(f"Changes are not reported now, and are looked for instead: {error.message}")
        return
    if changes is not None:
        changes.close()
        yield good("It reports changes at once (notify_push).")


def _speed(remote: Remote) -> Iterator[Check]:
    """Time five requests, and PROBE bytes written and read back."""
    times = []
    for _ in range(5):
        began = time.monotonic()
        remote.stat(TEMP)
        times.append(time.monotonic() - began)
    latency = statistics.median(times)
    yield (good if latency < SLOW_SECONDS else hint)(f"It answers a question in {_milliseconds(latency)}.")
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
    if abs(ahead) > CLOCK_SECONDS + wrote:
        yield bad(
            f"Its clock is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} ours.",
            "Set both clocks by NTP; times of files look wrong otherwise.",
        )


def _small_files(remote: Remote) -> Iterator[Check]:
    """Time a bulk read of FILES small files: it shows where the file locks of a Nextcloud are kept."""
    if not remote.features.bulk_read:
        return
    folder = join(TEMP, f"probe-{uuid.uuid4().hex}")
    probes = [join(folder, f"{number}.ini") for number in range(FILES)]
    with tempfile.TemporaryDirectory() as local:
        file = Path(local) / "song.ini"
        file.write_bytes(b"[song]\n")
        try:
            remote.write_many((path, file) for path in probes)
            began = time.monotonic()
            read = len(dict(remote.read_many(probes)))
            each = (time.monotonic() - began) / FILES
        finally:
            with contextlib.suppress(DavproxyError):
                remote.delete(folder)
    if read < FILES:
        yield hint(f"Of {FILES} small files that were written, {read} came back from a bulk read.")
    elif each > SLOW_FILE_SECONDS:
        yield hint(
            f"Each small file of a bulk read costs it {_milliseconds(each)}, {1000 * each:.0f} s for 1,000 songs, as "
            "where file locks are kept in its database.",
            "Set memcache.locking in its config.php: \\OC\\Memcache\\Redis, or \\OC\\Memcache\\APCu on one server.",
        )
    else:
        yield good(f"Each small file of a bulk read costs it {1000 * each:.1f} ms.")


def _long_requests(remote: Remote) -> Iterator[Check]:
    """Find out which of our requests a proxy before the server refuses for their length."""
    if remote.features.local:
        return
    refused = list(takewhile(lambda size: not remote.accepts(size), sorted(REQUESTS, reverse=True)))
    if not refused:
        yield good(f"Requests of {max(REQUESTS) // 1_000_000} MB get through to it.")
    elif min(refused) == min(REQUESTS):
        yield bad(
            f"A proxy before it refuses requests of {min(refused) // 1_000_000} MB, which is one part of a large file.",
            "Raise the limit there: client_max_body_size in nginx, LimitRequestBody in Apache.",
        )
    else:
        yield hint(
            f"A proxy before it refuses requests of {min(refused) // 1_000_000} MB; longer files are sent in parts.",
            "A higher limit there (client_max_body_size in nginx, LimitRequestBody in Apache) saves requests.",
        )


def check_slow_upload(remote: Remote, seconds: float = LONG_SECONDS) -> Iterator[Check]:
    """Find out whether something before the remote cuts off an upload that takes `seconds`."""
    if remote.features.local:
        return
    try:
        cut = remote.cut_off_after(seconds)
    except DavproxyError as error:
        yield bad(error.message, "How long a request may last was not found out.")
        return
    if cut is None:
        yield good(f"An upload that takes {seconds:.0f} seconds gets through to it.")
    else:
        yield hint(
            f"An upload that takes {seconds:.0f} seconds is cut off after {cut:.0f}.",
            f"Where {min(REQUESTS) // 1_000_000} MB, one request, take as long, large files do not arrive. "
            "Raise the limit of the proxy before it: readTimeout in Traefik, RequestReadTimeout in Apache, the timeout "
            "of a load balancer.",
        )


def _space(quota: Quota) -> Check:
    if quota.free is None:
        return good(f"{size_text(quota.used)} used there, without a limit.")
    if quota.free < 1024 * _MIB:
        return bad(f"Only {size_text(quota.free)} are left there.", "Free some space, or ask for a larger quota.")
    return good(f"{size_text(quota.used)} used there, {size_text(quota.free)} free.")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "less than 1 ms"


def size_text(size: float) -> str:
    """`size` in bytes as text: `512 MiB`, `1.5 GiB`."""
    return f"{size / 1024**3:.1f} GiB" if size >= 1024**3 else f"{size / _MIB:.0f} MiB"
