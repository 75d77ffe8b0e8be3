"""Authentication, and requests that another site makes a browser send."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie

import pytest
from flask import Flask

from tests.webui.conftest import Site, Start
from webui.app import BODY_LIMIT

BASIC = {"Authorization": "Basic " + base64.b64encode(b"me:secret").decode()}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
OPEN = {"/sign-in", "/robots.txt"}


@pytest.fixture(scope="module")
def locked(start_site: Start) -> Site:
    """A site with a password."""
    return start_site(APP_USERNAME="me", APP_PASSWORD="secret")


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Every (method, path) of the application, with values for the variables."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:[^>]+>", "1", rule.rule)
        path = re.sub(r"<[^>]+>", "x", path)
        for method in sorted((rule.methods or set()) & set(METHODS)):
            if not path.startswith("/static/") and path not in OPEN:
                yield method, path


def test_every_route_requires_credentials(locked: Site) -> None:
    checked = 0
    for method, path in routes(locked.app):
        answer = locked.client.open(path, method=method, json={} if method != "GET" else None)
        if path.startswith("/api/") or method != "GET":
            assert answer.status_code == 401, (method, path)
            assert answer.headers["WWW-Authenticate"].startswith("Basic") or path == "/sign-out"
        else:
            assert (answer.status_code, answer.headers["Location"][:9]) == (303, "/sign-in?"), (method, path)
        checked += 1
    assert checked > 35


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=lambda headers: " ".join(f"{name}={value}" for name, value in headers.items()),
)
def test_a_request_started_by_another_site_is_refused(locked: Site, headers: dict[str, str]) -> None:
    for method, path in routes(locked.app):
        if path.startswith("/api/") or method != "GET":
            answer = locked.client.open(path, method=method, headers={**BASIC, **headers})
            assert answer.status_code == 403, (method, path)
    assert (
        locked.client.post("/sign-in", data={"username": "me", "password": "secret"}, headers=headers).status_code
        == 403
    )


def test_a_link_from_another_site_still_opens_a_page(locked: Site) -> None:
    headers = {**BASIC, "Sec-Fetch-Site": "cross-site"}
    assert locked.client.get("/songs", headers=headers).status_code == 200


def test_a_person_signs_in_and_out(locked: Site) -> None:
    client = locked.client
    assert "/sign-in?next=/songs?search%3Dx" in client.get("/songs?search=x").headers["Location"]
    assert client.post("/sign-in", data={"username": "me", "password": "wrong"}).status_code == 401
    answer = client.post("/sign-in", data={"username": "me", "password": "secret", "next": "/songs?search=x"})
    assert answer.headers["Location"] == "/songs?search=x"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/api/songs").status_code == 200
    client.post("/sign-out")
    assert client.get("/api/songs").status_code == 401


def test_the_session_cookie_of_https_is_kept_to_https(locked: Site) -> None:
    form = {"username": "me", "password": "secret"}
    for scheme, secure in (("https", True), ("http", False)):  # behind a proxy, the front has set the scheme
        answer = locked.client.post("/sign-in", data=form, base_url=f"{scheme}://localhost")
        assert ("Secure" in answer.headers["Set-Cookie"]) == secure


class Endless:
    """A request body that does not end, and counts what is read of it."""

    count = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "all of it was asked for"
        self.count += size
        return b"x" * size


@pytest.mark.parametrize("announced", [{"CONTENT_LENGTH": "1000000000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
@pytest.mark.parametrize(
    ("path", "content_type", "limit"),
    [
        ("/sign-in", "application/x-www-form-urlencoded", 0),
        ("/sign-in", "multipart/form-data; boundary=x", 0),
        ("/api/webdav/mkdir", "application/json", BODY_LIMIT),
        ("/api/songs/bulk", "application/json", BODY_LIMIT),
    ],
)
def test_no_more_of_a_body_is_read_than_the_limit(
    locked: Site, path: str, content_type: str, limit: int, announced: dict[str, str]
) -> None:
    body = Endless()
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, **announced}
    headers = {} if path == "/sign-in" else BASIC
    answer = locked.client.open(
        path, method="POST", headers=headers, content_type=content_type, environ_overrides=environ
    )
    assert answer.status_code in (400, 411, 413)  # 400: JSON that was cut off
    assert body.count <= limit


def test_a_sign_in_form_that_waits_to_be_asked_for_is_refused(locked: Site) -> None:
    answer = locked.client.post("/sign-in", data={"username": "me"}, headers={"Expect": "100-continue"})
    assert answer.status_code == 417


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\r\n/evil.example",
        "\t//evil.example",
        "/songs\\..//evil.example",
        "javascript:alert(1)",
    ],
)
def test_signing_in_stays_on_this_site(locked: Site, target: str) -> None:
    page = locked.client.get("/sign-in", query_string={"next": target}).text
    assert "evil" not in page
    answer = locked.client.post("/sign-in", data={"username": "me", "password": "secret", "next": target})
    assert answer.headers["Location"] == "/"


def test_scripts_authenticate_with_basic(locked: Site) -> None:
    assert locked.client.get("/api/songs", headers=BASIC).status_code == 200
    wrong = {"Authorization": "Basic " + base64.b64encode(b"me:wrong").decode()}
    assert locked.client.get("/api/songs", headers=wrong).status_code == 401


def test_guessing_is_slowed_down(start_site: Start) -> None:
    site = start_site(APP_USERNAME="me", APP_PASSWORD="secret")
    answers = [
        site.client.post("/sign-in", data={"username": "me", "password": str(number)}).status_code
        for number in range(20)
    ]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert site.client.get("/api/songs", headers=BASIC).headers["Retry-After"] == "60"


def test_a_session_of_another_server_is_refused(locked: Site, start_site: Start) -> None:
    other = start_site(APP_USERNAME="me", APP_PASSWORD="another").client
    other.post("/sign-in", data={"username": "me", "password": "another"})
    client = locked.client
    client.set_cookie("davproxy", other.get_cookie("davproxy").value)
    assert client.get("/api/songs").status_code == 401


def test_a_session_goes_on_after_a_restart_without_a_secret_key(locked: Site, start_site: Start) -> None:
    before, after = locked.client, start_site(APP_USERNAME="me", APP_PASSWORD="secret").client
    before.post("/sign-in", data={"username": "me", "password": "secret"})
    after.set_cookie("davproxy", before.get_cookie("davproxy").value)
    assert after.get("/api/songs").status_code == 200


def test_a_session_lasts_as_long_as_the_setting_says(start_site: Start) -> None:
    account = {"username": "me", "password": "secret"}
    site = start_site(APP_USERNAME="me", APP_PASSWORD="secret", SESSION_MAX_AGE="3600")
    cookie = SimpleCookie(site.client.post("/sign-in", data=account).headers["Set-Cookie"])["davproxy"]
    left = parsedate_to_datetime(cookie["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=50) < left <= timedelta(minutes=60)


def test_every_response_has_the_security_headers(shared_site: Site) -> None:
    for path in ("/", "/songs", "/api/songs", "/api/nowhere", "/nowhere", "/api/docs"):
        headers = shared_site.client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_pages_can_be_installed(shared_site: Site) -> None:
    manifest = shared_site.client.get("/manifest.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    with shared_site.client.get(manifest.json["icons"][0]["src"]) as icon:
        assert icon.status_code == 200


def test_pages_have_no_inline_script_or_style(shared_site: Site) -> None:
    for path in ("/", "/songs", "/upload", "/generator", "/browser", "/api/docs", "/sign-in", "/nowhere"):
        page = shared_site.client.get(path).text
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:|https?://(?!www\.w3\.org)", page
        )


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_json_needs_its_content_type(shared_site: Site, content_type: str) -> None:
    answer = shared_site.client.post("/api/webdav/mkdir", data='{"path": "/Songs/X"}', content_type=content_type)
    assert answer.status_code == (422 if content_type == "multipart/form-data" else 415)
    assert shared_site.library.tree.children("/Songs") == []
