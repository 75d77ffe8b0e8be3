"""Front: credentials, host names, proxies, and what the log says of a request."""

import socket
import ssl
import subprocess
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import HTTPDigestAuthHandler, HTTPPasswordMgrWithDefaultRealm, Request, build_opener

import pytest
from loguru import logger

from davproxy.errors import Forbidden, SettingsError
from davproxy.server.origin import Origin
from tests.raw_http import Raw, request
from tests.serving import RIGHT, WRONG, Running, Site, tool, wrong_credentials
from tests.waiting import wait_until

READING = ["GET", "HEAD", "OPTIONS", "PROPFIND"]
WRITING = ["PUT", "DELETE", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "POST"]


@pytest.mark.parametrize("method", READING + WRITING)
def test_nothing_of_the_tree_is_reached_without_credentials(guarded: Running, method: str) -> None:
    guarded.library.tree.write("/Songs/x", b"content")
    guarded.changes.clear()
    for path in ("/dav", "/dav/", "/dav/Songs/x", "/dav/Songs/new", "/dav/Status/STATUS.txt", "/dav/%2e"):
        for headers in ({}, {"Authorization": WRONG}):
            answer = guarded.ask(method, path, Destination="/dav/Songs/y", **headers)
            assert answer.status in (401, 400, 429)
            assert b"content" not in answer.body
    assert guarded.changes == []


def test_the_web_pages_have_a_sign_in_of_their_own(guarded: Running) -> None:
    assert guarded.ask("GET", "/anything").status == 200
    assert guarded.ask("OPTIONS", "/").status == 401
    assert guarded.ask("PROPFIND", "/").status == 401
    assert guarded.ask("OPTIONS", "/", Authorization=RIGHT).status == 200


def test_basic_and_digest_are_offered_and_work(guarded: Running) -> None:
    guarded.library.tree.write("/Songs/a b.txt", b"content")
    assert guarded.ask("GET", "/dav/Songs/a%20b.txt", Authorization=RIGHT).body == b"content"
    passwords = HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, guarded.url, "jo", "secret")
    opener = build_opener(HTTPDigestAuthHandler(passwords))
    with opener.open(Request(f"{guarded.url}/dav/Songs/a%20b.txt")) as answer:
        assert answer.read() == b"content"


def test_guessing_is_slowed_down(guarded: Running) -> None:
    assert {guarded.ask("GET", "/dav/", Authorization=WRONG).status for _ in range(20)} == {401}, "one guess, repeated"
    assert guarded.ask("GET", "/dav/", Authorization=RIGHT).status == 200
    statuses = [guarded.ask("GET", "/dav/", Authorization=wrong_credentials(number)).status for number in range(50)]
    assert (statuses.count(401), statuses.count(429)) == (9, 41)
    refused = guarded.ask("GET", "/dav/", Authorization=RIGHT)
    assert (refused.status, refused.headers["retry-after"]) == (429, "60")


def test_without_credentials_nobody_listens_beyond_loopback(site: Site) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        with pytest.raises(SettingsError, match="APP_USERNAME"):
            site.start(APP_HOST=host)


def test_without_credentials_forwarded_requests_are_refused(site: Site) -> None:
    running = site.start(TRUSTED_PROXIES="127.0.0.1")
    for header in ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded"):
        for path in ("/dav/", "/page"):
            with Raw(running.port) as raw:
                raw.send(request("GET", path, f"{header}: 127.0.0.1"))
                assert raw.answer()[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "192.0.2.1", "[::2]", "evil@x"]
)
def test_a_foreign_host_name_is_refused(running: Running, host: str) -> None:
    for method, path in (("GET", "/"), ("GET", "/page"), ("PROPFIND", "/dav/"), ("PUT", "/dav/Songs/x")):
        assert running.ask(method, path, Host=host).status == 403
    assert running.changes == []


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.2:80", "[::1]:8000", "localhost."])
def test_a_host_name_of_this_machine_is_fine(running: Running, host: str) -> None:
    assert running.ask("GET", "/page", Host=host).status == 200


def test_names_in_the_settings_are_fine_and_a_star_means_any(site: Site) -> None:
    origin = Origin("0.0.0.0", ["songs.example"], [])
    assert origin.is_ours("songs.example:443")
    assert origin.is_ours("192.0.2.9")
    assert not origin.is_ours("other.example")
    assert Origin("127.0.0.1", ["*"], []).is_ours("other.example")
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        Origin("127.0.0.1", [], ["proxy.example"])


def test_forwarding_headers_count_only_from_a_trusted_proxy() -> None:
    forwarded = {
        "HTTP_X_FORWARDED_FOR": "203.0.113.5, 10.0.0.7",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "songs.example",
        "HTTP_HOST": "10.0.0.2",
    }
    origin = Origin("0.0.0.0", ["songs.example"], ["10.0.0.0/24"])
    trusted = forwarded | {"REMOTE_ADDR": "10.0.0.1", "wsgi.url_scheme": "http"}
    assert origin.resolve(trusted)
    assert (trusted["REMOTE_ADDR"], trusted["wsgi.url_scheme"], trusted["HTTP_HOST"]) == (
        "203.0.113.5",
        "https",
        "songs.example",
    )
    stranger = forwarded | {"REMOTE_ADDR": "203.0.113.9", "wsgi.url_scheme": "http"}
    assert origin.resolve(stranger)
    assert (stranger["REMOTE_ADDR"], stranger["wsgi.url_scheme"], stranger["HTTP_HOST"]) == (
        "203.0.113.9",
        "http",
        "10.0.0.2",
    )
    assert not any(name.startswith("HTTP_X_FORWARDED") for name in (*trusted, *stranger))
    with pytest.raises(Forbidden):
        origin.resolve(
            forwarded | {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_HOST": "evil.example", "wsgi.url_scheme": "http"}
        )


def test_ipv4_addresses_mapped_into_ipv6_are_ipv4() -> None:
    origin = Origin("::", [], ["10.0.0.0/24"])
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "::ffff:203.0.113.5, ::ffff:10.0.0.7"}
    environ |= {"HTTP_HOST": "10.0.0.2", "wsgi.url_scheme": "http"}
    assert origin.resolve(environ)
    assert environ["REMOTE_ADDR"] == "203.0.113.5"


def listens_on_ipv6() -> bool:
    try:
        socket.create_server(("::", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not listens_on_ipv6(), reason="this machine has no IPv6")
def test_on_all_ipv6_addresses_ipv4_clients_differ_and_proxies_are_trusted(site: Site) -> None:
    running = site.start(APP_HOST="::", APP_USERNAME="jo", APP_PASSWORD="secret", TRUSTED_PROXIES="127.0.0.1")
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5"}
    assert running.ask("GET", "/page").body == b"page /page for 127.0.0.1 by http"
    assert running.ask("GET", "/page", **forwarded).body == b"page /page for 203.0.113.5 by https"
    for number in range(20):
        running.ask("GET", "/dav/", Authorization=wrong_credentials(number), X_Forwarded_For="203.0.113.5")
    assert running.ask("GET", "/dav/", Authorization=RIGHT, X_Forwarded_For="203.0.113.5").status == 429
    assert running.ask("GET", "/dav/", Authorization=RIGHT, X_Forwarded_For="203.0.113.6").status == 200


def test_behind_a_proxy_that_speaks_tls_a_file_can_be_moved(site: Site) -> None:
    running = site.start(
        APP_USERNAME="jo", APP_PASSWORD="secret", TRUSTED_PROXIES="127.0.0.1", ALLOWED_HOSTS="songs.example"
    )
    running.library.tree.write("/Songs/x", b"1")
    proxied = {"Authorization": RIGHT, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "songs.example"}
    proxied["X-Forwarded-For"] = "203.0.113.5"
    answer = running.ask("MOVE", "/dav/Songs/x", **proxied, Destination="https://songs.example/dav/Songs/y")
    assert answer.status == 201
    assert running.library.tree.stat("/Songs/y")
    assert running.ask("GET", "/page", **proxied).body == b"page /page for 203.0.113.5 by https"


def test_tls(site: Site, tmp_path: Path) -> None:
    openssl = tool("openssl", "openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
        f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    running = site.start(TLS_CERTIFICATE=str(certificate), TLS_KEY=str(key))
    assert running.url.startswith("https://")
    content = bytes(range(256)) * 20_000
    running.library.tree.write("/Songs/x", content)
    with Raw(running.port):  # somebody who never says a word
        context = ssl.create_default_context(cafile=str(certificate))
        for _ in range(2):
            with Raw(running.port) as raw:
                raw.socket = context.wrap_socket(raw.socket, server_hostname="127.0.0.1")
                raw.send(request("GET", "/dav/Songs/x"))
                assert raw.answer()[2] == content
                raw.send(request("PUT", "/dav/Songs/y", f"Content-Length: {len(content)}", body=content))
                assert raw.answer()[0] in (201, 204)
                raw.send(request("GET", "/page"))
                assert raw.answer()[2].endswith(b"by https")
    with Raw(running.port) as raw:
        raw.send(request("GET", "/page"))
        assert raw.answer()[0] != 200
    with pytest.raises(SettingsError, match="TLS_CERTIFICATE"):
        site.start(TLS_CERTIFICATE=str(key), TLS_KEY=str(certificate))


def test_a_port_in_use_is_named(site: Site, running: Running) -> None:
    with pytest.raises(SettingsError, match="APP_PORT"):
        site.start(APP_PORT=str(running.port))


def test_the_log_has_a_line_for_each_request_and_no_secret(guarded: Running) -> None:
    lines: list[tuple[str, str]] = []
    fields: list[dict[str, Any]] = []

    def keep(said: Any) -> None:
        lines.append((said.record["level"].name, said.record["message"]))
        fields.append(said.record["extra"])

    def has_lines(number: int) -> bool:
        return sum(line.endswith(" ms") for _, line in lines) == number

    sink = logger.add(keep, level="DEBUG")
    requests: list[tuple[str, str, dict[str, str]]] = [
        ("PUT", "/dav/Songs/a%20b", {"Authorization": RIGHT}),
        ("GET", "/static/style.css?token=hidden", {}),
        ("GET", "/page?password=hidden", {"Authorization": WRONG}),
        ("PROPFIND", "/dav/Songs/", {"Authorization": WRONG}),
        ("GET", "/dav/%FF%1B[31m", {"Authorization": RIGHT}),
    ]
    try:
        for number, (method, path, headers) in enumerate(requests, 1):
            guarded.ask(method, path, **headers)
            wait_until(partial(has_lines, number))  # the line follows the answer
    finally:
        logger.remove(sink)
    words = [(level, *line.split()) for level, line in lines if line.endswith(" ms")]
    assert [found[:4] for found in words] == [
        ("INFO", "PUT", "/dav/Songs/a%20b", "201"),
        ("DEBUG", "GET", "/static/style.css", "200"),
        ("INFO", "GET", "/page", "200"),
        ("INFO", "PROPFIND", "/dav/Songs/", "401"),
        ("INFO", "GET", "/dav/%FF%1B[31m", "400"),
    ]
    assert all(float(found[4]) >= 0 for found in words)
    told = [found["status"] for found in fields if found.get("method") == "GET"]
    assert told == [200, 200, 400], "for machines, each is a field of its own"
    written = "".join(line for _, line in lines)
    assert not any(secret in written for secret in ("secret", "hidden", "am86"))
