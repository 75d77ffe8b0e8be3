"""Three instances behind the Caddy of docker-compose.yml, without sticky sessions: any of them answers any request."""

import http.client
import re
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.coordination.instances import Instance, instances
from tests.fakes.nextcloud import FakeNextcloud
from tests.imports.archives import zip_of
from tests.imports.conftest import pack, song
from tests.redis_server import RedisServer, free_port
from tests.serving import LOCK, RIGHT, tool
from tests.waiting import wait_until
from tests.webui.test_events import read

pytestmark = pytest.mark.slow
COMPOSE = Path(__file__).parent.parent.parent / "docker-compose.yml"
COUNT = 3


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Caddy, configured as in the compose file but for the addresses."""
    caddy, port, folder = tool("caddy", "caddy"), free_port(), tmp_path_factory.mktemp("scale")
    content = re.search(r"content: \|\n(.*)", COMPOSE.read_text(), re.DOTALL)
    assert content
    caddyfile = textwrap.dedent(content[1]).replace(":80 {", f"http://127.0.0.1:{port} {{")
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "APP_USERNAME": "jo", "APP_PASSWORD": "secret"}
    with ExitStack() as stack:
        redis = RedisServer(folder)
        stack.callback(redis.close)
        start = stack.enter_context(instances(stack.enter_context(FakeNextcloud()), redis, folder, **settings))
        upstreams = " ".join(f"127.0.0.1:{start(f'{number}').port}" for number in range(COUNT))
        caddyfile, replaced = re.subn(r"dynamic a davproxy 8000 {[^}]*}", f"to {upstreams}", caddyfile)
        assert replaced == 1
        file = folder / "Caddyfile"
        file.write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{caddyfile}")
        command = [caddy, "run", "--config", str(file), "--adapter", "caddyfile"]
        environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        process = stack.enter_context(
            subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        stack.callback(process.kill)  # it would wait for the end of a stream of events
        found = Instance(port, RIGHT)
        wait_until(lambda: answers(found))
        yield found


def answers(front: Instance) -> bool:
    try:
        return all(front.json("GET", "/api/health")["status"] == "ok" for _ in range(COUNT))
    except (OSError, AssertionError):
        return False


def all_say(front: Instance, path: str, content: bytes) -> bool:
    return {front.ask("GET", path) for _ in range(COUNT)} == {(200, content)}


def all_show(front: Instance, *titles: str) -> bool:
    """Whether each instance shows these songs, whatever others there are."""
    return all(set(titles) <= set(front.titles()) for _ in range(COUNT))


def drop(front: Instance, *titles: str) -> None:
    archive = zip_of(pack(*((title, song(title)) for title in titles)))
    assert front.ask("PUT", f"/dav/Drop/{titles[0]}.zip", archive)[0] == 201


def test_any_instance_answers_any_request(front: Instance) -> None:
    for number in range(COUNT + 1):
        path = f"/dav/Backgrounds/{number}.png"
        assert front.ask("PUT", path, b"%d" % number)[0] == 201
        wait_until(partial(all_say, front, path, b"%d" % number))
    assert front.ask("LOCK", "/dav/Backgrounds/0.png", LOCK)[0] == 200
    assert [front.ask("PUT", "/dav/Backgrounds/0.png", b"x")[0] for _ in range(COUNT)] == [423] * COUNT


def test_an_archive_is_imported_once_and_its_job_is_shown_by_all(front: Instance) -> None:
    drop(front, "One", "Two")
    wait_until(lambda: all_show(front, "One", "Two"))
    assert sorted(front.titles()).count("One") == 1

    def jobs() -> list[list[tuple[str, str]]]:
        found = [front.json("GET", "/api/jobs")["jobs"] for _ in range(COUNT)]
        return [[(job["id"], job["state"]) for job in each if job["subject"] == "/Drop/One.zip"] for each in found]

    def is_done_once() -> bool:
        first, *others = jobs()
        return len(first) == 1 and first[0][1] == "done" and all(each == first for each in others)

    wait_until(is_done_once)


def test_digest_an_upload_and_edits_go_through_any_instance(front: Instance) -> None:
    digest = httpx.DigestAuth("jo", "secret")  # it asks for one nonce and counts its uses, whoever answers
    with httpx.Client(base_url=f"http://127.0.0.1:{front.port}", auth=digest, trust_env=False, timeout=60) as client:
        assert client.request("PROPFIND", "/dav/", headers={"Depth": "0"}).status_code == 207
        archive = ("pack.zip", zip_of(pack(("a", song("First")))))
        assert client.post("/api/upload", files={"file": archive}).status_code < 300
        wait_until(lambda: all_show(front, "First"))
        found = [client.get("/api/songs?search=First").json()["songs"] for _ in range(COUNT)]
        (id,) = {each["id"] for songs in found for each in songs}
        for number in range(COUNT):  # each edit may be at another instance than the one before
            title = f"Edited {number}"
            assert client.put(f"/api/songs/{id}", json={"title": title}).status_code == 200
            wait_until(partial(all_show, front, title))


def test_events_come_through_from_whichever_instance_makes_them(front: Instance) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=60)
    connection.request("GET", "/api/events", headers={"Authorization": RIGHT})
    events = read(connection.getresponse())
    assert next(events) == ("reload", None)
    before = front.json("GET", "/api/songs?limit=1")["total"]
    for number in range(COUNT):
        drop(front, f"Heard-{number}")
        next(data for name, data in events if name == "library" and data["songs"] > before + number)
    connection.close()
