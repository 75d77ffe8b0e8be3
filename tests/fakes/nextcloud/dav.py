"""What the fake does for each verb of WebDAV."""

import hashlib
import io
import json
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from lxml import etree

from tests.fakes.nextcloud import xml
from tests.fakes.nextcloud.tree import Body, Node, Refused
from tests.fakes.nextcloud.xml import DAV, NEXTCLOUD

if TYPE_CHECKING:
    from tests.fakes.nextcloud.server import FakeNextcloud

XML = "application/xml; charset=utf-8"
_IF = re.compile(r'<([^>]*)> \(\["([^"]*)"\]\)')


@dataclass(slots=True)
class Answer:
    """What goes back; `body` may be a part of a stored one."""

    status: int
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    body: Body | None = None
    start: int = 0
    length: int = 0
    bulk_files: int = 0
    """Files that went into or came out of it, each at a cost."""


@dataclass(slots=True)
class Call:
    """One request, its body already taken; `complete` is False where it was cut."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Body
    complete: bool = True


class Dav:
    """The verbs below `/remote.php/dav`. The fake's lock is held, but while a large body is sent."""

    def __init__(self, fake: "FakeNextcloud") -> None:
        self._fake = fake
        self._tree = fake.tree
        self._uploads: dict[str, dict[str, Body]] = {}

    def answer(self, call: Call) -> Answer:
        area, _, rest = call.path.removeprefix("/remote.php/dav").strip("/").partition("/")
        user, _, rest = rest.partition("/")
        names = [name for name in unicodedata.normalize("NFC", rest).split("/") if name]
        if call.method == "PROPFIND" and not area:
            return self._principal()
        if call.method == "SEARCH" and not area:
            return self._search(call)
        if call.method == "POST" and area == "bulk":
            return self._bulk(call)
        if area in ("files", "uploads", "trashbin") and user == self._fake.user:
            handler = getattr(self, f"_{area}_{call.method.lower()}", None)
            if handler is not None:
                found: Answer = handler(call, names)
                return found
        raise Refused(
            501, "Sabre\\DAV\\Exception\\NotImplemented", f"no plugin was willing to handle this {call.method}"
        )

    # Files

    def _files_propfind(self, call: Call, names: list[str]) -> Answer:
        node = self._tree.need(names)
        base = "/".join([f"/remote.php/dav/files/{self._fake.user}", *names])
        found: list[tuple[tuple[str, ...], Node]] = [((), node)]
        depth = call.headers.get("depth", "infinity")
        if depth == "infinity" and self._fake.deep_listings:
            found += list(node.below())
        elif depth != "0":
            found += [((name,), child) for name, child in node.children.items()]
        return self._multistatus(
            call, [("/".join([base, *below]) + ("/" if child.is_folder else ""), child, {}) for below, child in found]
        )

    def _files_get(self, call: Call, names: list[str]) -> Answer:
        node = self._tree.need(names)
        query = parse_qs(call.query)
        if node.is_folder:
            if "zip" in query.get("accept", []) and self._fake.version >= 31:
                return self._zip(node, json.loads(query.get("files", ["[]"])[0]), names[-1] if names else "download")
            return Answer(200, b"This is the WebDAV interface.", {"Content-Type": "text/plain; charset=utf-8"})
        self._check_match(call, node)
        size = node.size
        headers = {
            "Content-Type": "application/octet-stream",
            "ETag": f'"{node.etag}"',
            "OC-ETag": f'"{node.etag}"',
            "Accept-Ranges": "bytes",
        }
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", call.headers.get("range", ""))
        if not asked:
            return Answer(200, b"", headers, node.body, 0, size)
        start, last = int(asked[1]), min(int(asked[2] or size), size - 1)
        if start >= size:
            raise Refused(416, "Sabre\\DAV\\Exception\\RequestedRangeNotSatisfiable")
        if asked[0] == "bytes=0-0":
            last = size - 1  # as sabre does
        headers["Content-Range"] = f"bytes {start}-{last}/{size}"
        return Answer(206, b"", headers, node.body, start, last - start + 1)

    def _files_head(self, call: Call, names: list[str]) -> Answer:
        return self._files_get(call, names)

    def _zip(self, folder: Node, files: list[str], name: str) -> Answer:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            chosen: list[tuple[str, Node]] = []
            if files:
                for path in files:
                    node: Node | None = folder
                    for part in path.strip("/").split("/"):
                        node = node.children.get(unicodedata.normalize("NFC", part)) if node else None
                    if node is None:
                        raise Refused(404, "Sabre\\DAV\\Exception\\NotFound", f"File not found: {path}")
                    chosen.append((path, node))
            else:
                chosen.append((name, folder))
            for path, node in chosen:
                for below, child in [((), node), *node.below()]:
                    if not child.is_folder:
                        archive.writestr("/".join([path.strip("/"), *below]), child.body.read())
        return Answer(200, held.getvalue(), {"Content-Type": "application/zip"}, bulk_files=len(chosen))

    def _files_put(self, call: Call, names: list[str]) -> Answer:
        self._check_names(names)
        node = self._tree.find(names)
        self._check_match(call, node)
        if call.headers.get("if-none-match") == "*" and node is not None:
            raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed", "An If-None-Match header was specified")
        if not call.complete and (node is None or not self._fake.overwrites_in_place):
            raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Expected filesize does not match")
        if call.headers.get("x-nc-webdav-auto-mkcol") == "1" and call.complete:
            self._tree.make_folders(names[:-1])
        self._check_quota(call.body.size - (node.size if node else 0))
        node, created = self._tree.put(names, call.body, _mtime(call))
        if not call.complete:
            raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Expected filesize does not match")
        return Answer(201 if created else 204, headers=_written(call, node))

    def _files_mkcol(self, call: Call, names: list[str]) -> Answer:
        self._check_names(names)
        return Answer(201, headers={"OC-FileId": _file_id(self._tree.make_folder(names))})

    def _files_delete(self, call: Call, names: list[str]) -> Answer:
        if not names:
            raise Refused(403, "Sabre\\DAV\\Exception\\Forbidden")
        self._tree.need(names)
        self._tree.delete(names, for_good=call.headers.get("x-nc-skip-trashbin") == "true")
        return Answer(204)

    def _files_move(self, call: Call, names: list[str]) -> Answer:
        target, node = self._onto(call), self._tree.need(names)
        if target[: len(names)] == names:
            raise Refused(403, "Sabre\\DAV\\Exception\\Forbidden", "Source and destination uri are identical.")
        self._tree.folder_for(target, 409)
        self._tree.take(names)
        return Answer(201 if self._tree.place(target, node) else 204, headers=_identity(node))

    def _files_copy(self, call: Call, names: list[str]) -> Answer:
        target, node = self._onto(call), self._tree.need(names)
        self._tree.folder_for(target, 409)
        self._check_quota(node.size)
        return Answer(201 if self._tree.place(target, node.copied()) else 204)

    def _files_proppatch(self, call: Call, names: list[str]) -> Answer:
        node = self._tree.need(names)
        for element in etree.fromstring(call.body.read()).iter(f"{DAV}lastmodified"):
            node.modified, node.etag = int(element.text or "0"), secrets.token_hex(8)
            self._tree.changed(names)
        return self._multistatus(call, [(call.path, node, {})], [f"{DAV}getetag"])

    # Chunked upload

    def _uploads_propfind(self, call: Call, names: list[str]) -> Answer:
        if not names or names[0] not in self._uploads:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        return self._multistatus(call, [(call.path, Node(is_folder=True), {})])

    def _uploads_mkcol(self, call: Call, names: list[str]) -> Answer:
        if names[0] in self._uploads:
            raise Refused(405, "Sabre\\DAV\\Exception\\MethodNotAllowed")
        if "destination" not in call.headers:
            raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Destination header missing")
        self._uploads[names[0]] = {}
        return Answer(201)

    def _uploads_put(self, call: Call, names: list[str]) -> Answer:
        parts = self._uploads.get(names[0])
        if parts is None:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        if not call.complete:
            raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Expected filesize does not match")
        self._check_quota(sum(part.size for part in parts.values()) + call.body.size)
        parts[names[1]] = call.body
        return Answer(201)

    def _uploads_move(self, call: Call, names: list[str]) -> Answer:
        parts = self._uploads.get(names[0])
        if parts is None or names[1:] != [".file"]:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        target = self._onto(call)
        total = sum(part.size for part in parts.values())
        if str(total) != call.headers.get("oc-total-length", str(total)):
            raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Chunks on server do not sum up")
        self._tree.folder_for(target, 409)
        before = self._tree.find(target)
        self._check_quota(total - (before.size if before else 0))
        body = self._fake.keep(parts[name].read() for name in sorted(parts))
        node, created = self._tree.put(target, body, _mtime(call))
        del self._uploads[names[0]]
        return Answer(201 if created else 204, headers=_written(call, node))

    def _uploads_delete(self, call: Call, names: list[str]) -> Answer:
        if self._uploads.pop(names[0], None) is None:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        return Answer(204)

    # Trash bin

    def _trashbin_propfind(self, call: Call, names: list[str]) -> Answer:
        base = f"/remote.php/dav/trashbin/{self._fake.user}/trash"
        found: list[tuple[str, Node, dict[str, str | None]]] = [(f"{base}/", Node(is_folder=True), {})]
        for deleted in self._tree.trash:
            extra: dict[str, str | None] = {
                f"{NEXTCLOUD}trashbin-original-location": escape("/".join(deleted.location)),
                f"{NEXTCLOUD}trashbin-deletion-time": str(deleted.moment),
                f"{DAV}getcontentlength": str(deleted.node.size),
            }
            found.append((f"{base}/{deleted.name}", deleted.node, extra))
        return self._multistatus(call, found)

    def _trashbin_move(self, call: Call, names: list[str]) -> Answer:
        if call.headers.get("overwrite") == "F":
            raise Refused(
                412, "Sabre\\DAV\\Exception\\PreconditionFailed"
            )  # the folder `restore` says it has everything
        self._tree.restore(names[1])
        return Answer(201)

    # One request for many

    def _principal(self) -> Answer:
        principal = f"<d:href>/remote.php/dav/principals/users/{self._fake.user}/</d:href>"
        text = xml.response(
            "/remote.php/dav/", [f"{DAV}current-user-principal"], None, {f"{DAV}current-user-principal": principal}
        )
        return Answer(207, (xml.HEAD + text + xml.TAIL).encode(), {"Content-Type": XML})

    def _search(self, call: Call) -> Answer:
        query = etree.fromstring(call.body.read())
        scope = query.findtext(f".//{DAV}scope/{DAV}href") or ""
        names = [name for name in scope.split("/") if name]
        folder = self._tree.find(names[2:])
        if names[:2] != ["files", self._fake.user] or folder is None or not folder.is_folder:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        literal = (query.findtext(f".//{DAV}literal") or "").lower()
        like = re.compile(re.escape(literal).replace("%", ".*").replace("_", "."))
        found = [(below, node) for below, node in folder.below() if like.fullmatch(below[-1].lower())]
        found.sort(key=lambda pair: (pair[0][-1], pair[1].modified, pair[1].size))
        first = int(query.findtext(".//{https://github.com/icewind1991/SearchDAV/ns}firstresult") or 0)
        limit = int(query.findtext(f".//{DAV}nresults") or 0)
        found = found[first : first + limit] if limit else found[first:]
        base = "/remote.php/dav/" + "/".join(names)
        selected = [str(name.tag) for name in query.iterfind(f".//{DAV}select/{DAV}prop/*")]
        return self._multistatus(call, [("/".join([base, *below]), node, {}) for below, node in found], selected)

    def _bulk(self, call: Call) -> Answer:
        boundary = call.headers.get("content-type", "").partition("boundary=")[2].encode()
        content = call.body.read()
        answers: dict[str, dict[str, object]] = {}
        position = content.index(b"--" + boundary)
        while not content.startswith(b"--" + boundary + b"--", position):
            position += len(boundary) + 4
            end = content.index(b"\r\n\r\n", position)
            lines = content[position:end].decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            position = end + 4
            body = content[position : position + int(headers["content-length"])]
            position += len(body) + 2
            path = headers["x-file-path"]
            checksum = headers.get("oc-checksum", "").removeprefix("md5:")
            if checksum and hashlib.md5(body).hexdigest() != checksum:
                return Answer(400, json.dumps(answers).encode())
            names = [name for name in path.split("/") if name]
            try:
                self._check_names(names)
                self._check_quota(len(body))
                node, _ = self._tree.put(names, self._fake.keep([body]), int(headers.get("x-oc-mtime", "0")) or None)
                answers[path] = {"error": False, "etag": node.etag, "fileid": str(node.file_id)}
            except Refused as refused:
                answers[path] = {"error": True, "message": refused.message}
        return Answer(
            200, json.dumps(answers).encode(), {"Content-Type": "text/html; charset=UTF-8"}, bulk_files=len(answers)
        )

    # Conditions

    def _multistatus(
        self,
        call: Call,
        found: list[tuple[str, Node, dict[str, str | None]]],
        names: list[str] | None = None,
    ) -> Answer:
        wanted = xml.wanted(call.body.read()) if names is None else names
        quota: dict[str, str | None] = {}
        if f"{DAV}quota-used-bytes" in wanted:
            free = self._fake.quota
            used = self._tree.root.size
            quota = {
                f"{DAV}quota-used-bytes": str(used),
                f"{DAV}quota-available-bytes": "-3" if free is None else str(max(free - used, 0)),
            }
        text = [xml.response(href, wanted, node, extra | quota) for href, node, extra in found]
        return Answer(207, "".join([xml.HEAD, *text, xml.TAIL]).encode(), {"Content-Type": XML})

    def _onto(self, call: Call) -> list[str]:
        """The names of the Destination, its Overwrite and If conditions checked."""
        path = unquote(urlsplit(call.headers.get("destination", "")).path)
        prefix = f"/remote.php/dav/files/{self._fake.user}/"
        if not path.startswith(prefix):
            raise Refused(502, "Sabre\\DAV\\Exception", "Destination is not ours")
        target = [name for name in unicodedata.normalize("NFC", path.removeprefix(prefix)).split("/") if name]
        self._check_names(target)
        node = self._tree.find(target)
        condition = _IF.fullmatch(call.headers.get("if", ""))
        if condition:
            if node is None:
                raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
            if condition[2] != node.etag:
                raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed", "An If-header did not match")
        if node is not None and call.headers.get("overwrite", "T") == "F":
            raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed", "The destination node already exists")
        return target

    def _check_match(self, call: Call, node: Node | None) -> None:
        wanted = call.headers.get("if-match")
        if wanted and (node is None or wanted not in ("*", f'"{node.etag}"')):
            raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed", "An If-Match header was specified")

    def _check_names(self, names: list[str]) -> None:
        for name in names:
            if "\\" in name or name.lower() == ".htaccess" or name.lower().endswith((".part", ".filepart")):
                raise Refused(400, "OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath", "Invalid name")
            if len(name.encode()) > 250:
                raise Refused(400, "OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath", "Filename too long")

    def _check_quota(self, more: int) -> None:
        if self._fake.quota is not None and self._tree.root.size + more > self._fake.quota:
            raise Refused(507, "Sabre\\DAV\\Exception\\InsufficientStorage", "Insufficient space")


def _mtime(call: Call) -> int | None:
    raw = call.headers.get("x-oc-mtime")
    if raw is not None and (not raw.isdecimal() or int(raw) <= 86_400):
        raise Refused(500, "InvalidArgumentException", "Valid timestamp required")
    return int(raw) if raw else None


def _file_id(node: Node) -> str:
    return f"{node.file_id:08}ocfake"


def _identity(node: Node) -> dict[str, str]:
    return {"OC-FileId": _file_id(node), "ETag": f'"{node.etag}"', "OC-ETag": f'"{node.etag}"'}


def _written(call: Call, node: Node) -> dict[str, str]:
    return _identity(node) | ({"X-OC-MTime": "accepted"} if "x-oc-mtime" in call.headers else {})
