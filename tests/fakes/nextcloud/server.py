"""The fake's HTTP: connections, sign-in and sessions, faults, costs, and the pages that are not WebDAV."""

import base64
import hmac
import json
import re
import secrets
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.nextcloud import xml
from tests.fakes.nextcloud.dav import Answer, Call, Dav
from tests.fakes.nextcloud.faults import Fault, Request
from tests.fakes.nextcloud.tree import Body, Refused, Tree

BLOCK = 1024 * 1024
TRIES = 11
"""Wrong passwords until the address is refused whatever it sends."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds that work takes, with at most `at_once` requests at work."""

    request: float = 0.0
    bulk_file: float = 0.0
    sign_in: float = 0.0
    at_once: int = 64


MEASURED = Costs(request=0.015, bulk_file=0.003, sign_in=0.035, at_once=2)
"""What a real one took on two cores."""


class FakeNextcloud:
    """Serves on loopback between `with` and its end. Attributes may be changed while it serves."""

    def __init__(
        self,
        *,
        port: int = 0,
        user: str = "player",
        password: str = "app-password",
        version: int = 32,
        latency: float = 0.0,
        costs: Costs | None = None,
        bodies: Path | None = None,
    ) -> None:
        """With `bodies`, contents are kept in files of that folder, not in memory."""
        self.user = user
        self.password = password
        self.version = version
        self.latency = latency
        self.costs = costs or Costs()
        self.quota: int | None = None
        self.maintenance = False
        self.deep_listings = True
        """Depth infinity is answered; if not, it is taken for 1 without a word."""
        self.overwrites_in_place = True
        """A PUT over an existing file that is cut leaves what arrived."""
        self.tree = Tree()
        self.lock = threading.RLock()
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.sessions: set[str] = set()
        self.wrong_passwords = 0
        self.logins: dict[str, str | None] = {}
        """Login Flow: poll token -> the app password once granted."""
        self._bodies = bodies
        self._closed = threading.Event()
        self._places = threading.Semaphore(self.costs.at_once)
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.dav = Dav(self)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def account(self) -> dict[str, str]:
        """The settings that lead here."""
        return {"NEXTCLOUD_URL": self.url, "NEXTCLOUD_USERNAME": self.user, "NEXTCLOUD_PASSWORD": self.password}

    def fail(self, method: str = "", path: str = "", **how: Any) -> Fault:
        """Add a fault; `how` are the fields of `Fault`."""
        fault = Fault(method, path, **how)
        self.faults.append(fault)
        return fault

    def count(self, method: str = "", path: str = "") -> int:
        """Requests of `method` (any if empty) whose path matches `path`, since the start or `forget`."""
        return sum(
            (not method or seen.method == method) and bool(re.search(path, seen.path)) for seen in list(self.requests)
        )

    def forget(self) -> None:
        """Empty the log."""
        self.requests.clear()

    def content(self, path: str) -> bytes | None:
        """The bytes of a file of the account, None where there is none."""
        with self.lock:
            node = self.tree.find([name for name in path.split("/") if name])
            return node.body.read() if node and not node.is_folder else None

    def put(self, path: str, content: bytes) -> None:
        """Store a file as somebody else would, its folders made."""
        names = [name for name in path.split("/") if name]
        with self.lock:
            self.tree.make_folders(names[:-1])
            self.tree.put(names, self.keep([content]), None)

    def keep(self, blocks: Iterable[bytes]) -> Body:
        """Blocks as a body, in memory or on the disk."""
        if self._bodies is None:
            return Body(b"".join(blocks))
        file = self._bodies / secrets.token_hex(12)
        with file.open("wb") as opened:
            for block in blocks:
                opened.write(block)
        return Body(file=file)

    def spend(self, seconds: float) -> None:
        """Take this long, but not past the end of serving."""
        if seconds:
            self._closed.wait(seconds)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """One of the server's places, for as long as a request takes."""
        self.spend(self.latency)
        with self._places:
            self.spend(self.costs.request)
            yield

    def grant(self) -> None:
        """Let every Login Flow under way in, as a person who clicks would."""
        for token in self.logins:
            self.logins[token] = self.password


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], fake: FakeNextcloud) -> None:
        self.fake = fake
        self.open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up; that is no error."""

    def server_close(self) -> None:
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class _Dropped(Exception):
    """The connection ends here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = BLOCK
    server: _Server

    def log_message(self, *_: object) -> None:
        """The log is `FakeNextcloud.requests`."""

    def handle_any(self) -> None:
        fake = self.server.fake
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        self._received = 0
        fault = next((fault for fault in list(fake.faults) if fault.applies(self.command, path)), Fault())
        try:
            fake.spend(fault.latency)
            if fault.first:
                fault.first()
            body, complete = self._take(fault)
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, path, parts.query, headers, body, complete)
            answer = self._decide(call, fault)
            if fault.then:
                fault.then()
            if fault.drop_answer or not complete:
                raise _Dropped
            self._send(Answer(fault.fail_after) if fault.fail_after else answer, fault)
        except _Dropped:
            self._log(0, 0)
            self.close_connection = True
        except ConnectionError:
            self.close_connection = True

    def _log(self, status: int, sent: int) -> None:
        """Before the answer's last bytes leave, so that a client that has it finds it in the log."""
        kept = {name.lower(): value for name, value in self.headers.items() if name.lower() != "authorization"}
        path = unquote(urlsplit(self.path).path)
        self.server.fake.requests.append(Request(self.command, path, status, self._received, sent, kept))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = handle_any  # noqa: N815
    do_PROPFIND = do_PROPPATCH = do_MKCOL = do_MOVE = do_COPY = do_SEARCH = do_LOCK = do_UNLOCK = handle_any  # noqa: N815

    def _take(self, fault: Fault) -> tuple[Body, bool]:
        """The request's body and whether it came whole."""
        fake = self.server.fake
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = fake.keep(self._chunks())
            self._received = body.size
            return body, True
        declared = int(self.headers.get("Content-Length", 0))
        length = declared if fault.cut_request is None else min(fault.cut_request, declared)

        def blocks() -> Iterator[bytes]:
            rest = length
            while rest and (block := self.rfile.read(min(rest, BLOCK))):
                rest -= len(block)
                self._received += len(block)
                yield block

        body = fake.keep(blocks()) if length > BLOCK or self.command == "PUT" else Body(b"".join(blocks()))
        return body, self._received == declared

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _decide(self, call: Call, fault: Fault) -> Answer:
        if fault.status:
            headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return Answer(fault.status, xml.error("Fault", "on purpose"), headers | {"Content-Type": "application/xml"})
        if fault.page:
            return Answer(
                200, b"<!DOCTYPE html><html><body>Please sign in</body></html>", {"Content-Type": "text/html"}
            )
        if len(self.requestline) > 8190:
            return Answer(414)
        fake = self.server.fake
        try:
            with fake.at_work():
                return self._route(call)
        except Refused as refused:
            return Answer(
                refused.status, xml.error(refused.exception, refused.message), {"Content-Type": "application/xml"}
            )

    def _route(self, call: Call) -> Answer:
        fake = self.server.fake
        if call.path == "/status.php":
            version = f"{fake.version}.0.1"
            return _json(
                {
                    "installed": True,
                    "maintenance": fake.maintenance,
                    "versionstring": version,
                    "productname": "Nextcloud",
                }
            )
        if fake.maintenance:
            raise Refused(503, "Sabre\\DAV\\Exception\\ServiceUnavailable", "System is in maintenance mode.")
        if "/login/v2" in call.path:
            return self._login_flow(call)
        cookies = self._sign_in(call)
        if call.path == "/ocs/v2.php/cloud/capabilities":
            answer = _json(_capabilities(fake))
        elif call.path.startswith("/remote.php/dav"):
            with fake.lock:
                answer = fake.dav.answer(call)
            fake.spend(answer.bulk_files * fake.costs.bulk_file)
        else:
            answer = Answer(404, b"<html>Not found</html>", {"Content-Type": "text/html"})
        answer.headers |= cookies
        return answer

    def _sign_in(self, call: Call) -> dict[str, str]:
        """Check the session or the password; the headers that give a session, to clients that return cookies."""
        fake = self.server.fake
        cookies = dict(pair.strip().partition("=")[::2] for pair in call.headers.get("cookie", "").split(";"))
        if cookies.get("fake_session") in fake.sessions:
            if cookies.get("nc_sameSiteCookiestrict") != "true":
                raise Refused(412, "", "Strict Cookie has not been found in request")
            return {}
        if fake.wrong_passwords >= TRIES:
            raise Refused(429)
        fake.spend(fake.costs.sign_in)
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        expected = base64.b64encode(f"{fake.user}:{fake.password}".encode()).decode()
        if scheme.lower() != "basic" or not hmac.compare_digest(token, expected):
            fake.wrong_passwords += scheme.lower() == "basic"
            raise Refused(401, "Sabre\\DAV\\Exception\\NotAuthenticated", "Cannot authenticate")
        if cookies.get("cookie_test") != "test":
            return {"Set-Cookie": "cookie_test=test"}
        session = secrets.token_hex(16)
        fake.sessions.add(session)
        return {"Set-Cookie": f"fake_session={session}; path=/; HttpOnly"}

    def _login_flow(self, call: Call) -> Answer:
        """https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html"""
        fake = self.server.fake
        if call.path.endswith("/login/v2"):
            token = secrets.token_hex(32)
            fake.logins[token] = None
            poll = {"token": token, "endpoint": f"{fake.url}/login/v2/poll"}
            return _json({"poll": poll, "login": f"{fake.url}/login/v2/flow/{secrets.token_hex(32)}"})
        if call.path.endswith("/poll"):
            token = parse_qs(call.body.read().decode()).get("token", [""])[0]
            if not fake.logins.get(token):
                return Answer(404, b"[]", {"Content-Type": "application/json; charset=utf-8"})
            granted = fake.logins.pop(token)
            return _json({"server": fake.url, "loginName": fake.user, "appPassword": granted})
        fake.grant()
        return Answer(200, b"<html><body>Account access granted</body></html>", {"Content-Type": "text/html"})

    def _send(self, answer: Answer, fault: Fault) -> None:
        length = answer.length if answer.body else len(answer.content)
        if fault.short_answer is not None:
            length = min(length, fault.short_answer)
        cut = length if fault.cut_answer is None else min(length, fault.cut_answer)
        self._log(answer.status if cut == length else 0, cut)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not self.headers.get("Cookie"):
            for name in ("nc_sameSiteCookielax", "nc_sameSiteCookiestrict"):
                self.send_header("Set-Cookie", f"{name}=true; path=/; httponly;expires=Fri, 31-Dec-2100 23:59:59 GMT")
        if answer.status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            for start in range(0, cut, BLOCK):
                step = min(BLOCK, cut - start)
                block = (
                    answer.body.read(answer.start + start, step)
                    if answer.body
                    else answer.content[start : start + step]
                )
                self.wfile.write(block)
        self.wfile.flush()
        if cut < length:
            self.close_connection = True


def _json(value: object) -> Answer:
    return Answer(200, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"})


def _capabilities(fake: FakeNextcloud) -> object:
    files = {
        "undelete": True,
        "forbidden_filenames": [".htaccess"],
        "forbidden_filename_basenames": [],
        "forbidden_filename_characters": ["\\", "/"],
        "forbidden_filename_extensions": [".filepart", ".part"],
    }
    dav = {"chunking": "1.0", "bulkupload": "1.0"}
    return {"ocs": {"meta": {"status": "ok"}, "data": {"capabilities": {"files": files, "dav": dav}}}}
