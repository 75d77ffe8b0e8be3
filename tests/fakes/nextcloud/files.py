"""The verbs below `/remote.php/dav/files/USER`."""

import hashlib
import io
import json
import re
import secrets
import unicodedata
import zipfile
from urllib.parse import parse_qs

from lxml import etree

from tests.fakes.nextcloud.conditions import (
    Listing,
    check_complete,
    check_match,
    check_names,
    check_quota,
    checksums,
    content_headers,
    destination,
    file_id,
    headers_after_write,
    mtime,
    multistatus,
)
from tests.fakes.nextcloud.messages import Answer, Call, Host
from tests.fakes.nextcloud.tree import Node, Refused
from tests.fakes.nextcloud.xml import DAV, OWNCLOUD

ZIP_SINCE = 31
"""The first major version that sends chosen files as a zip."""


class FilesArea:
    """One method for each verb; `names` is the path below the user's files."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._tree = host.tree

    def propfind(self, call: Call, names: list[str]) -> Answer:
        node = self._tree.need(names)
        base = "/".join([f"/remote.php/dav/files/{self._host.user}", *names])
        nodes: list[tuple[tuple[str, ...], Node]] = [((), node)]
        depth = call.headers.get("depth", "infinity")
        if depth == "infinity" and self._host.deep_listings:
            nodes += list(node.below())
        elif depth != "0":
            nodes += [((name,), child) for name, child in node.children.items()]
        return multistatus(
            self._host,
            call,
            [("/".join([base, *below]) + ("/" if child.is_folder else ""), child, {}) for below, child in nodes],
        )

    def get(self, call: Call, names: list[str]) -> Answer:
        node = self._tree.need(names)
        query = parse_qs(call.query)
        if node.is_folder:
            if "zip" in query.get("accept", []) and self._host.version >= ZIP_SINCE:
                return _zip(node, json.loads(query.get("files", ["[]"])[0]), names[-1] if names else "download")
            return Answer(200, b"This is the WebDAV interface.", {"Content-Type": "text/plain; charset=utf-8"})
        check_match(call, node)
        size = node.size
        headers = {
            "Content-Type": "application/octet-stream",
            "ETag": f'"{node.etag}"',
            "OC-ETag": f'"{node.etag}"',
            "Accept-Ranges": "bytes",
        } | ({"OC-Checksum": node.checksums} if node.checksums else {})
        requested = re.fullmatch(r"bytes=(\d+)-(\d*)", call.headers.get("range", ""))
        if not requested:
            return Answer(200, b"", headers, node.body, 0, size)
        start, last = int(requested[1]), min(int(requested[2] or size), size - 1)
        if start >= size:
            raise Refused(416, "Sabre\\DAV\\Exception\\RequestedRangeNotSatisfiable")
        if requested[0] == "bytes=0-0":
            last = size - 1  # as sabre does
        headers["Content-Range"] = f"bytes {start}-{last}/{size}"
        return Answer(206, b"", headers, node.body, start, last - start + 1)

    def head(self, call: Call, names: list[str]) -> Answer:
        return self.get(call, names)

    def put(self, call: Call, names: list[str]) -> Answer:
        check_names(names)
        node = self._tree.find(names)
        check_match(call, node)
        if call.headers.get("if-none-match") == "*" and node is not None:
            raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed", "An If-None-Match header was specified")
        if node is None or not self._host.overwrites_in_place:
            check_complete(call)
        if call.headers.get("x-nc-webdav-auto-mkcol") == "1" and call.complete:
            self._tree.make_folders(names[:-1])
        check_quota(self._host, call.body.size - (node.size if node else 0))
        node, created = self._tree.put(names, call.body, mtime(call), checksums(call))
        check_complete(call)
        return Answer(201 if created else 204, headers=headers_after_write(call, node))

    def patch(self, call: Call, names: list[str]) -> Answer:
        node = self._tree.need(names)
        algorithm = call.headers.get("x-recalculate-hash", "").lower()
        if node.is_folder or algorithm not in ("md5", "sha1", "sha256"):
            raise Refused(501, "Sabre\\DAV\\Exception\\NotImplemented", "no plugin was willing to handle this PATCH")
        node.checksums = f"{algorithm.upper()}:{hashlib.new(algorithm, node.body.read()).hexdigest()}"
        return Answer(204, headers={"OC-Checksum": node.checksums})

    def mkcol(self, call: Call, names: list[str]) -> Answer:
        check_names(names)
        return Answer(201, headers={"OC-FileId": file_id(self._tree.make_folder(names))})

    def delete(self, call: Call, names: list[str]) -> Answer:
        if not names:
            raise Refused(403, "Sabre\\DAV\\Exception\\Forbidden")
        check_match(call, self._tree.need(names))
        self._tree.delete(names, for_good=call.headers.get("x-nc-skip-trashbin") == "true")
        return Answer(204)

    def move(self, call: Call, names: list[str]) -> Answer:
        target, node = destination(self._host, call), self._tree.need(names)
        if target[: len(names)] == names:
            raise Refused(403, "Sabre\\DAV\\Exception\\Forbidden", "Source and destination uri are identical.")
        self._tree.folder_for(target, 409)
        self._tree.take(names)
        return Answer(201 if self._tree.place(target, node) else 204, headers=content_headers(node))

    def copy(self, call: Call, names: list[str]) -> Answer:
        target, node = destination(self._host, call), self._tree.need(names)
        self._tree.folder_for(target, 409)
        check_quota(self._host, node.size)
        return Answer(201 if self._tree.place(target, node.copied()) else 204)

    def proppatch(self, call: Call, names: list[str]) -> Answer:
        node = self._tree.need(names)
        update = etree.fromstring(call.body.read())
        for element in update.iter(f"{DAV}lastmodified"):
            node.modified, node.etag = int(element.text or "0"), secrets.token_hex(8)
            self._tree.changed(names)
        for element in update.iter(f"{OWNCLOUD}favorite"):
            node.is_favourite = element.text in ("1", "true")
        return multistatus(self._host, call, [(call.path, node, {})], [f"{DAV}getetag"])

    def report(self, call: Call, names: list[str]) -> Answer:
        query = etree.fromstring(call.body.read())
        rule = query.findtext(f"{OWNCLOUD}filter-rules/{OWNCLOUD}favorite")
        folder = self._tree.need(names)
        if query.tag != f"{OWNCLOUD}filter-files" or rule != "1" or not folder.is_folder:
            raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Missing filter-rule block in request")
        base = "/".join([f"/remote.php/dav/files/{self._host.user}", *names])
        found: Listing = [
            ("/".join([base, *below]) + "/" * node.is_folder, node, {})
            for below, node in folder.below()
            if node.is_favourite
        ]
        return multistatus(self._host, call, found, [str(name.tag) for name in query.iterfind(f"{DAV}prop/*")])


def _zip(folder: Node, files: list[str], name: str) -> Answer:
    """The chosen files of a folder, or the whole folder, as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        chosen = [(path, _find_chosen(folder, path)) for path in files] or [(name, folder)]
        for path, node in chosen:
            for below, child in [((), node), *node.below()]:
                if not child.is_folder:
                    archive.writestr("/".join([path.strip("/"), *below]), child.body.read())
    return Answer(200, buffer.getvalue(), {"Content-Type": "application/zip"}, bulk_files=len(chosen))


def _find_chosen(folder: Node, path: str) -> Node:
    node: Node | None = folder
    for name in path.strip("/").split("/"):
        node = node.children.get(unicodedata.normalize("NFC", name)) if node else None
    if node is None:
        raise Refused(404, "Sabre\\DAV\\Exception\\NotFound", f"File not found: {path}")
    return node
