"""WebDAV below `/remote.php/dav`: each request goes to its area and verb; search and bulk upload are here."""

import hashlib
import json
import re
import unicodedata

from lxml import etree

from tests.fakes.nextcloud import xml
from tests.fakes.nextcloud.conditions import XML, Listing, check_names, check_quota, multistatus
from tests.fakes.nextcloud.files import FilesArea
from tests.fakes.nextcloud.messages import Answer, Call, Host
from tests.fakes.nextcloud.trash_bin import TrashBinArea
from tests.fakes.nextcloud.tree import Node, Refused
from tests.fakes.nextcloud.uploads import UploadsArea
from tests.fakes.nextcloud.xml import DAV, OWNCLOUD

SORTABLE = {f"{DAV}displayname", f"{DAV}getcontenttype", f"{DAV}getlastmodified", f"{OWNCLOUD}size"}
"""What a search can be ordered by."""


class Dav:
    """Answers requests. The fake's lock is held, except while a large body is sent."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._tree = host.tree
        self.uploads = UploadsArea(host)
        self._areas = {"files": FilesArea(host), "uploads": self.uploads, "trashbin": TrashBinArea(host)}

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
        if area in self._areas and user == self._host.user:
            verb = getattr(self._areas[area], call.method.lower(), None)
            if verb is not None:
                answer: Answer = verb(call, names)
                return answer
        raise Refused(
            501, "Sabre\\DAV\\Exception\\NotImplemented", f"no plugin was willing to handle this {call.method}"
        )

    def _principal(self) -> Answer:
        principal = f"<d:href>/remote.php/dav/principals/users/{self._host.user}/</d:href>"
        text = xml.response(
            "/remote.php/dav/", [f"{DAV}current-user-principal"], None, {f"{DAV}current-user-principal": principal}
        )
        return Answer(207, (xml.HEAD + text + xml.TAIL).encode(), {"Content-Type": XML})

    def _search(self, call: Call) -> Answer:
        if "xml" not in call.headers.get("content-type", ""):
            raise Refused(501, "Sabre\\DAV\\Exception\\NotImplemented", "no plugin was willing to handle this SEARCH")
        query = etree.fromstring(call.body.read())
        for key in query.iterfind(f".//{DAV}order/{DAV}prop/*"):
            if key.tag not in SORTABLE:
                return Answer(400, b"requested order by property is not sortable", {"Content-Type": XML})
        scope = query.findtext(f".//{DAV}scope/{DAV}href") or ""
        names = [name for name in scope.split("/") if name]
        folder = self._tree.find(names[2:])
        if names[:2] != ["files", self._host.user] or folder is None:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        if not folder.is_folder:
            raise Refused(500, "InvalidArgumentException", "Search is only supported on directories")
        literal = (query.findtext(f".//{DAV}literal") or "").lower()
        like = re.compile(re.escape(literal).replace("%", ".*").replace("_", "."))

        def fits(name: str) -> bool:
            return like.fullmatch(name.lower()) is not None

        every: list[tuple[tuple[str, ...], Node]] = [((), folder), *folder.below()]
        rows = [(below, node) for below, node in every if fits((*names, *below)[-1])]
        rows.sort(key=lambda row: ((*names, *row[0])[-1], row[1].modified, row[1].size))
        first = int(query.findtext(".//{https://github.com/icewind1991/SearchDAV/ns}firstresult") or 0)
        limit = int(query.findtext(f".//{DAV}nresults") or len(rows))
        page = rows[first : first + limit]
        base = "/remote.php/dav/" + "/".join(names)
        selected = [str(name.tag) for name in query.iterfind(f".//{DAV}select/{DAV}prop/*")]
        # The folder itself takes a place on its page, but is left out of it. So are folders in which another storage
        # begins; those above them have the etags of their own storage.
        found: Listing = [
            ("/".join([base, *below]) + "/" * node.is_folder, node, _own_etag(node))
            for below, node in page
            if below and not node.mount_type and below[-1] != self._host.unsearched
        ]
        return multistatus(self._host, call, found, selected)

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
            try:
                node = self._bulk_put(path, body, int(headers.get("x-oc-mtime", "0")))
                answers[path] = {"error": False, "etag": node.etag, "fileid": str(node.file_id)}
            except Refused as refused:
                answers[path] = {"error": True, "message": refused.message}
        return Answer(
            200, json.dumps(answers).encode(), {"Content-Type": "text/html; charset=UTF-8"}, bulk_files=len(answers)
        )

    def _bulk_put(self, path: str, body: bytes, modified: int) -> Node:
        names = [name for name in path.split("/") if name]
        check_names(names)
        check_quota(self._host, len(body))
        if self._host.locked_parts:
            self._host.locked_parts -= 1
            raise Refused(503, message="SQLSTATE[HY000]: General error: 5 database is locked")
        node, _ = self._tree.put(names, self._host.keep([body]), modified or None)
        return node


def _own_etag(node: Node) -> dict[str, str | None]:
    """The etag of a folder without that of the storage that begins in it."""
    mounts = node.is_folder and any(below.mount_type for _, below in node.below())
    return {f"{DAV}getetag": f"&quot;own-{node.etag}&quot;"} if mounts else {}
