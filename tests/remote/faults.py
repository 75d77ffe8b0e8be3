"""Calls of every kind, and the state that each leaves on a server, for the tests of faults."""

from collections.abc import Callable
from contextlib import closing
from functools import cache

from davproxy.errors import DavproxyError, Forbidden, Locked, NoSpace, SignInRefused, Unavailable
from davproxy.model import ABSENT
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import FOLDERS, OLD

NEW = b"NEW CONTENT! " * 2000
LONG = bytes(range(256)) * 48_000
"""A little more than one part of a chunked upload."""

Act = Callable[[Nextcloud], object]

ACTS: dict[str, tuple[str, Act]] = {
    "PROPFIND": ("PROPFIND", lambda remote: remote.children("/Songs/Song")),
    "GET": ("GET", lambda remote: remote.read("/Songs/Song/a.txt")),
    "PUT new": ("PUT", lambda remote: remote.write("/Songs/Song/new.txt", NEW)),
    "PUT part": ("PUT", lambda remote: remote.write("/Songs/Song/a.txt", NEW)),
    "MOVE parts": ("MOVE", lambda remote: remote.write("/Songs/Song/a.txt", NEW)),
    "MKCOL": ("MKCOL", lambda remote: remote.make_folder("/Songs/New")),
    "MOVE": ("MOVE", lambda remote: remote.move("/Songs/Song", "/Songs/Moved", guard=ABSENT)),
    "COPY": ("COPY", lambda remote: remote.copy("/Songs/Song", "/Songs/Copy", guard=ABSENT)),
    "DELETE": ("DELETE", lambda remote: remote.delete("/Songs/Song")),
    "PROPPATCH": ("PROPPATCH", lambda remote: remote.set_modified("/Songs/Song/a.txt", 1_500_000_000)),
}
CHANGES = [name for name in ACTS if name not in ("PROPFIND", "GET", "PROPPATCH")]
ERRORS: dict[int, type[DavproxyError]] = {
    401: SignInRefused,
    403: Forbidden,
    423: Locked,
    429: Unavailable,
    500: Unavailable,
    502: Unavailable,
    503: Unavailable,
    507: NoSpace,
}


def state(fake: FakeNextcloud) -> dict[str, bytes | None]:
    """Every path of the account with its content, None for a folder."""
    with fake.lock:
        return {"/".join(names): None if node.is_folder else node.body.read() for names, node in fake.tree.root.below()}


@cache
def outcome(name: str) -> dict[str, bytes | None]:
    """The state that the act called `name` leaves, by itself on a server of its own."""
    with (
        FakeNextcloud() as fake,
        closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote,
    ):
        remote.make_folder("/Songs/Song")
        remote.write("/Songs/Song/a.txt", OLD)
        ACTS[name][1](remote)
        return state(fake)
