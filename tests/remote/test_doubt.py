"""An answer that leaves open what the server did is settled by asking the server, never by guessing."""

from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import pytest

from davproxy.errors import Conflict, DavproxyError, Forbidden, Unavailable
from davproxy.model import ABSENT, ANYTHING
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import FOLDERS

pytestmark = pytest.mark.slow

OLD, NEW = b"old content", b"NEW CONTENT"
PATH = "/Songs/Song/a.txt"
OPEN = [408, 499, 500, 502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530]
FINAL = [402, 406, 415, 422, 451]


@pytest.fixture
def remote(fake: FakeNextcloud) -> Iterator[Nextcloud]:
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.3)) as subject:
        subject.connect()
        subject.make_folder("/Songs/Song")
        subject.write(PATH, OLD)
        fake.forget()
        yield subject


def assemble_by_itself(fake: FakeNextcloud) -> Callable[[], None]:
    """What puts the parts together as the server does after its proxy gave up waiting: the same MOVE, unseen by us."""

    def act() -> None:
        asked = next(seen for seen in fake.requests if seen.method == "MOVE" and seen.path.endswith("/.file"))
        kept = ("destination", "if", "overwrite", "oc-total-length", "x-oc-mtime")
        headers = {name: value for name, value in asked.headers.items() if name.lower() in kept}
        answer = httpx.request(
            "MOVE", fake.url + asked.path, headers=headers, auth=(fake.user, fake.password), trust_env=False
        )
        assert answer.status_code in (201, 204)

    return act


@pytest.mark.parametrize(("answer", "then"), [(504, 423), (502, 423), (504, 504), (524, 423), (524, 524)])
@pytest.mark.parametrize("looks", [0, 3])
def test_parts_are_never_deleted_while_the_server_assembles_them(
    remote: Nextcloud, fake: FakeNextcloud, answer: int, then: int, looks: int
) -> None:
    fake.fail("MOVE", ".file", status=answer)
    fake.fail("MOVE", ".file", status=then, times=looks)
    fake.fail("PROPFIND", "/uploads/", skip=looks, first=assemble_by_itself(fake))
    entry = remote.write(PATH, NEW)
    assert entry.size == len(NEW)
    assert fake.content(f"CloneHero{PATH}") == NEW
    assert fake.count("DELETE") == 0


def test_an_assembly_that_is_asked_for_again_when_it_is_done(remote: Nextcloud, fake: FakeNextcloud) -> None:
    """The second MOVE meets no parts any more: 404 from the server, after 504 from the proxy."""
    fake.fail("MOVE", ".file", status=504)
    fake.fail("MOVE", ".file", first=assemble_by_itself(fake))
    assert remote.write(PATH, NEW).size == len(NEW)
    assert fake.content(f"CloneHero{PATH}") == NEW
    assert fake.count("DELETE") == 0


def test_an_assembly_that_never_ends_leaves_its_parts(fake: FakeNextcloud) -> None:
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.01)) as remote:
        remote.make_folder("/Songs/Song")
        remote.write(PATH, OLD)
        fake.fail("MOVE", ".file", status=504, times=10_000)
        with pytest.raises(Unavailable):
            remote.write(PATH, NEW)
        assert fake.content(f"CloneHero{PATH}") == OLD
        assert fake.count("DELETE") == 0
        assert fake.dav.uploads.parts


@pytest.mark.parametrize("status", OPEN)
def test_a_change_that_was_done_although_its_answer_says_otherwise(
    remote: Nextcloud, fake: FakeNextcloud, status: int
) -> None:
    fake.fail("MOVE", fail_after=status)
    remote.move("/Songs/Song", "/Songs/Moved", guard=ABSENT)
    assert remote.read("/Songs/Moved/a.txt") == OLD
    fake.fail("DELETE", fail_after=status)
    remote.delete("/Songs/Moved")
    assert remote.children("/Songs") == []


def test_a_second_attempt_that_fails_because_of_the_first(remote: Nextcloud, fake: FakeNextcloud) -> None:
    """The server carries a request out only after we looked, as it does behind a proxy that waits no longer."""

    def move() -> None:
        remote_of_server = f"{fake.url}/remote.php/dav/files/{fake.user}/CloneHero/Songs"
        httpx.request(
            "MOVE",
            f"{remote_of_server}/Song",
            headers={"Destination": f"{remote_of_server}/Moved"},
            auth=(fake.user, fake.password),
            trust_env=False,
        ).raise_for_status()

    fake.fail("MOVE", "/Songs/Song", status=504)
    fake.fail("MOVE", "/Songs/Song", first=move)
    remote.move("/Songs/Song", "/Songs/Moved", guard=ABSENT)
    assert remote.read("/Songs/Moved/a.txt") == OLD


def test_a_new_file_is_not_taken_for_stored_because_another_of_its_size_is_there(
    remote: Nextcloud, fake: FakeNextcloud
) -> None:
    fake.fail("PUT", status=502)
    with pytest.raises(Conflict):
        remote.write(PATH, NEW, guard=ABSENT)
    assert fake.content(f"CloneHero{PATH}") == OLD
    fake.fail("PUT", fail_after=502)
    assert remote.write("/Songs/Song/b.txt", NEW, guard=ABSENT).size == len(NEW)


@pytest.mark.parametrize("status", FINAL)
def test_a_final_refusal_is_said_at_once_in_the_servers_words(
    remote: Nextcloud, fake: FakeNextcloud, status: int
) -> None:
    fake.fail("", "", status=status, times=10_000)
    with pytest.raises(Forbidden, match=r"refuses .* on purpose\."):
        remote.write("/Songs/Song/new.txt", NEW, guard=ABSENT)
    assert fake.count("PUT") == 1
    fake.faults.clear()
    with pytest.raises(DavproxyError):
        remote.write(PATH, NEW, guard=ABSENT)
    remote.write(PATH, NEW, guard=ANYTHING)


def test_what_is_forbidden_says_which_right_is_missing(remote: Nextcloud, fake: FakeNextcloud) -> None:
    fake.fail("", "", status=403, times=10_000)
    with pytest.raises(Forbidden, match=r"“/Songs/Song/new.txt”: .* the right to change it: .*read-only\."):
        remote.write("/Songs/Song/new.txt", NEW, guard=ABSENT)
    with pytest.raises(Forbidden, match=r"“/Songs”: .* the right to read it"):
        remote.children("/Songs")
