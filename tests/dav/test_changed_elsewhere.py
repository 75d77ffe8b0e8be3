"""A file that somebody changed on the remote in the moment before is neither overwritten nor deleted unseen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.serving import Running, Site

FILE, OTHER = "/dav/Backgrounds/x.png", "/dav/Backgrounds/other.png"
THEIRS = b"theirs"


@dataclass
class Shared:
    """A server, and the remote as somebody else writes to it and reads it."""

    running: Running
    fake: FakeNextcloud | None

    def put(self, name: str, content: bytes) -> None:
        if self.fake:
            self.fake.put(f"CloneHero/Backgrounds/{name}", content)
        else:
            (self._folder / name).write_bytes(content)

    def content(self, name: str) -> bytes | None:
        if self.fake:
            return self.fake.content(f"CloneHero/Backgrounds/{name}")
        return (self._folder / name).read_bytes() if (self._folder / name).exists() else None

    @property
    def _folder(self) -> Path:
        return self.running.stored / "Backgrounds"


@pytest.fixture(params=["local folder", "Nextcloud"])
def shared(request: pytest.FixtureRequest, site: Site) -> Iterator[Shared]:
    if request.param == "local folder":
        yield Shared(site.start(), None)
        return
    with FakeNextcloud() as fake:

        def nextcloud(settings: Settings) -> Nextcloud:
            return Nextcloud(fake.url, fake.user, fake.password, "CloneHero", settings.folders)

        yield Shared(site.start_on(nextcloud), fake)
        site.close()


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("verb", ["PUT", "DELETE", "MOVE", "COPY"])
def test_a_change_that_nobody_here_has_seen_stays(shared: Shared, verb: str, conditional: bool) -> None:
    ask = shared.running.ask
    ask("PUT", OTHER, b"other")
    etag = ask("PUT", FILE, b"ours").headers["etag"]
    shared.put("x.png", THEIRS)
    headers = {"If": f"<{FILE}> ([{etag}])"} if conditional else {}
    path, body = (OTHER, None) if verb in ("MOVE", "COPY") else (FILE, b"new" if verb == "PUT" else None)
    if verb in ("MOVE", "COPY"):
        headers["Destination"] = FILE
    refused = ask(verb, path, body, **headers)
    assert refused.status == 412
    assert (shared.content("x.png"), shared.content("other.png")) == (THEIRS, b"other")
    assert ask("GET", FILE).body == THEIRS
    headers.pop("If", None)
    assert ask(verb, path, body, **headers).status == 204  # whoever asks again has seen it
    assert shared.content("x.png") == {"PUT": b"new", "DELETE": None}.get(verb, b"other")


@pytest.mark.parametrize("verb", ["MOVE", "COPY"])
def test_a_file_that_somebody_has_just_made_stays(shared: Shared, verb: str) -> None:
    ask = shared.running.ask
    ask("PUT", OTHER, b"other")
    shared.put("x.png", THEIRS)
    assert ask(verb, OTHER, Destination=FILE).status == 412
    assert (shared.content("x.png"), ask("GET", FILE).body) == (THEIRS, THEIRS)


def test_a_file_that_is_gone_is_not_found(shared: Shared) -> None:
    ask = shared.running.ask
    ask("PUT", FILE, b"ours")
    shared.running.library.tree._remote.delete("/Backgrounds/x.png")
    assert ask("DELETE", FILE).status == 404
    assert ask("DELETE", FILE).status == 404
