"""/api/setup: both ways of signing in to a Nextcloud, its errors, and when it is closed."""

from collections.abc import Iterator
from typing import Any

import pytest
from loguru import logger

from davproxy.settings import Settings
from tests.fakes.nextcloud import FakeNextcloud
from tests.webui.conftest import Site, Start, starting

pytestmark = pytest.mark.slow


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud(password="secret-app-password") as server:
        yield server


@pytest.fixture
def site(fake: FakeNextcloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that is not set up, and ends before the Nextcloud."""
    with starting(tmp_path_factory) as start:
        yield start()


@pytest.fixture
def log() -> Iterator[list[str]]:
    """The lines of the log, at the finest level."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="TRACE")
    yield lines
    logger.remove(sink)


def typed(fake: FakeNextcloud, **other: str) -> dict[str, Any]:
    return {"account": {"url": fake.url, "username": fake.user, "password": fake.password} | other}


def test_a_sign_in_through_the_browser(site: Site, fake: FakeNextcloud, log: list[str]) -> None:
    client = site.client
    begun = client.post("/api/setup/sign-in", json={"url": f" {fake.url}/ "})
    assert begun.json["login"].startswith(f"{fake.url}/login/v2/flow/")
    assert site.get("/api/setup/sign-in") == {"username": ""}
    early = client.post("/api/setup", json={})
    assert early.status_code == 422
    assert "Nobody has signed in yet" in early.json["detail"]
    fake.grant()
    granted = client.get("/api/setup/sign-in")
    assert granted.json == {"username": fake.user}
    assert site.get("/api/setup/sign-in") == {"username": fake.user}, "asking again changes nothing"
    done = client.post("/api/setup", json={"folder": "Games/Clone Hero"})
    assert done.status_code == 200, done.text
    assert "Nextcloud 32" in done.json["findings"][0]["text"]
    assert done.json["file"] == str(site.dotenv)
    assert site.dotenv.stat().st_mode & 0o777 == 0o600
    written = Settings.read({}, site.dotenv)
    assert (written.nextcloud_url, written.nextcloud_username, written.nextcloud_password, written.remote_folder) == (
        fake.url, fake.user, fake.password, "Games/Clone Hero",
    )  # fmt: skip
    assert len(written.secret_key) == 64
    with fake.lock:
        assert fake.tree.find(["Games", "Clone Hero", "Songs"]) is not None
    assert log
    assert not any(fake.password in text for text in (*log, begun.text, granted.text, done.text))
    assert "Restart davproxy to use it" in client.get("/").text


def test_a_typed_app_password(site: Site, fake: FakeNextcloud, log: list[str]) -> None:
    site.dotenv.write_text("APP_PORT=8123\n")
    done = site.client.post("/api/setup", json=typed(fake))
    assert done.status_code == 200, done.text
    written = Settings.read({}, site.dotenv)
    assert (written.nextcloud_password, written.remote_folder, written.port) == (fake.password, "CloneHero", 8123)
    assert not any(fake.password in text for text in (*log, done.text))


def test_a_wrong_password_is_an_error_and_nothing_is_written(site: Site, fake: FakeNextcloud, log: list[str]) -> None:
    answer = site.client.post("/api/setup", json=typed(fake, password="wrong-one"))
    assert answer.status_code == 422
    assert "refuses the user name or the app password" in answer.json["detail"]
    assert "NEXTCLOUD_" not in answer.json["detail"], "the person typed it here, and set nothing"
    assert not any("wrong-one" in text for text in (*log, answer.text))
    assert not site.dotenv.exists()


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1:1", "cannot be reached"),
        ("cloud example", "https://cloud.example.org"),
        ("file:///etc/passwd", "https://cloud.example.org"),
        ("http://ann:secret@127.0.0.1", "must not hold a user name or password"),
        ("", "Give the address"),
    ],
)
def test_an_address_without_a_nextcloud_is_an_error(site: Site, url: str, detail: str) -> None:
    for path, body in (
        ("/api/setup/sign-in", {"url": url}),
        ("/api/setup", {"account": {"url": url, "username": "ann", "password": "x"}}),
    ):
        answer = site.client.post(path, json=body)
        assert answer.status_code in (422, 503), answer.text
        assert answer.mimetype == "application/problem+json"
        assert detail in answer.json["detail"]
    assert site.client.get("/api/setup/sign-in").status_code == 422
    assert not site.dotenv.exists()


def test_a_redirect_to_another_host_is_not_followed(site: Site, fake: FakeNextcloud) -> None:
    fake.fail(status=302, times=100)
    assert site.client.post("/api/setup/sign-in", json={"url": fake.url}).status_code == 503
    assert site.client.post("/api/setup", json=typed(fake)).status_code == 422
    assert not site.dotenv.exists()


def test_a_file_that_cannot_be_written_is_an_error(site: Site, fake: FakeNextcloud) -> None:
    site.dotenv.mkdir()
    answer = site.client.post("/api/setup", json=typed(fake))
    assert answer.status_code == 403
    assert "cannot be written" in answer.json["detail"]


@pytest.mark.parametrize("way", ["configured", "beyond loopback", "behind a proxy"])
def test_the_setup_is_closed_elsewhere(start_site: Start, fake: FakeNextcloud, way: str) -> None:
    environment = {
        "configured": {
            "NEXTCLOUD_URL": fake.url, "NEXTCLOUD_USERNAME": fake.user, "NEXTCLOUD_PASSWORD": fake.password,
        },
        "beyond loopback": {"APP_HOST": "0.0.0.0", "APP_USERNAME": "ann", "APP_PASSWORD": "pass word"},
        "behind a proxy": {"TRUSTED_PROXIES": "127.0.0.1"},
    }[way]  # fmt: skip
    site = start_site(**environment)
    client = site.client
    client.environ_base["HTTP_AUTHORIZATION"] = "Basic YW5uOnBhc3Mgd29yZA=="
    for answer in (
        client.get("/setup"),
        client.post("/api/setup/sign-in", json={"url": fake.url}),
        client.get("/api/setup/sign-in"),
        client.post("/api/setup", json=typed(fake)),
    ):
        assert answer.status_code == 403
        assert "run davproxy setup" in answer.text.replace("Run", "run")
    assert "/setup" not in client.get("/").text
    assert not site.dotenv.exists()


def test_another_site_cannot_start_it(site: Site, fake: FakeNextcloud) -> None:
    answer = site.client.post("/api/setup/sign-in", json={"url": fake.url}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert fake.count() == 0


def test_the_dashboard_links_to_the_page(site: Site) -> None:
    assert 'href="/setup"' in site.client.get("/").text
    assert "Connect a Nextcloud" in site.client.get("/setup").text
