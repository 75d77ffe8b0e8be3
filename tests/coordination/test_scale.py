"""Three instances behind the Caddy of docker-compose.yml, without sticky sessions: any of them answers any request."""

import re
import subprocess
import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.coordination.instances import Instance, instances
from tests.fakes.nextcloud import FakeNextcloud
from tests.imports.archives import zipped
from tests.imports.conftest import pack, song
from tests.redis_server import RedisServer, free_port
from tests.serving import LOCK, RIGHT, tool
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
COMPOSE = Path(__file__).parent.parent.parent / "docker-compose.yml"
COUNT = 3


@pytest.fixture
def front(redis_server: RedisServer, tmp_path: Path) -> Iterator[Instance]:
    """Caddy, configured as in the compose file but for the addresses."""
    caddy, port = tool("caddy", "caddy"), free_port()
    content = re.search(r"content: \|\n(.*)", COMPOSE.read_text(), re.DOTALL)
    assert content
    caddyfile = textwrap.dedent(content[1]).replace(":80 {", f"http://127.0.0.1:{port} {{")
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "APP_USERNAME": "jo", "APP_PASSWORD": "secret"}
    with FakeNextcloud() as fake, instances(fake, redis_server, tmp_path, **settings) as start:
        behind = [start(f"{number}") for number in range(COUNT)]
        upstreams = " ".join(f"127.0.0.1:{each.port}" for each in behind)
        caddyfile, replaced = re.subn(r"dynamic a davproxy 8000 {[^}]*}", f"to {upstreams}", caddyfile)
        assert replaced == 1
        file = tmp_path / "Caddyfile"
        file.write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{caddyfile}")
        command = [caddy, "run", "--config", str(file), "--adapter", "caddyfile"]
        environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            found = Instance(port, RIGHT)
            try:
                wait_until(lambda: answers(found))
                yield found
            finally:
                process.terminate()


def answers(front: Instance) -> bool:
    try:
        return all(front.json("GET", "/api/health")["status"] == "ok" for _ in range(COUNT))
    except (OSError, AssertionError):
        return False


def all_say(front: Instance, path: str, content: bytes) -> bool:
    return {front.ask("GET", path) for _ in range(COUNT)} == {(200, content)}


def test_any_instance_answers_any_request(front: Instance) -> None:
    for number in range(COUNT + 1):
        path = f"/dav/Backgrounds/{number}.png"
        assert front.ask("PUT", path, b"%d" % number)[0] == 201
        wait_until(partial(all_say, front, path, b"%d" % number))
    assert front.ask("LOCK", "/dav/Backgrounds/0.png", LOCK)[0] == 200
    assert [front.ask("PUT", "/dav/Backgrounds/0.png", b"x")[0] for _ in range(COUNT)] == [423] * COUNT


def test_an_archive_is_imported_once_and_its_job_is_shown_by_all(front: Instance) -> None:
    assert (
        front.ask("PUT", "/dav/Drop/pack.zip", zipped(pack(*((f"{n}", song(f"Song {n}")) for n in range(2)))))[0] == 201
    )
    for _ in range(COUNT):
        wait_until(lambda: sorted(front.titles()) == ["Song 0", "Song 1"])

    def jobs() -> list[list[tuple[str, str]]]:
        found = [front.json("GET", "/api/jobs")["jobs"] for _ in range(COUNT)]
        return [[(job["id"], job["state"]) for job in each if job["kind"] == "import"] for each in found]

    wait_until(lambda: len(listed := jobs()) == COUNT and all(each == listed[0] and len(each) == 1 for each in listed))
    wait_until(lambda: jobs()[0][0][1] == "done")
