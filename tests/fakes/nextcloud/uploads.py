"""The verbs below `/remote.php/dav/uploads/USER`: chunked upload, version 2."""

from tests.fakes.nextcloud.conditions import (
    check_complete,
    check_quota,
    checksums,
    destination,
    headers_after_write,
    mtime,
    multistatus,
)
from tests.fakes.nextcloud.messages import Answer, Call, Host
from tests.fakes.nextcloud.tree import Body, Node, Refused


class UploadsArea:
    """One method for each verb; `names` is the path below the user's uploads: the upload and the part."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.parts: dict[str, dict[str, Body]] = {}
        """The parts of each unfinished upload."""

    def propfind(self, call: Call, names: list[str]) -> Answer:
        if not names:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        self._parts_of(names)
        return multistatus(self._host, call, [(call.path, Node(is_folder=True), {})])

    def mkcol(self, call: Call, names: list[str]) -> Answer:
        if names[0] in self.parts:
            raise Refused(405, "Sabre\\DAV\\Exception\\MethodNotAllowed")
        if "destination" not in call.headers:
            raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Destination header missing")
        self.parts[names[0]] = {}
        return Answer(201)

    def put(self, call: Call, names: list[str]) -> Answer:
        parts = self._parts_of(names)
        check_complete(call)
        check_quota(self._host, sum(part.size for part in parts.values()) + call.body.size)
        parts[names[1]] = call.body
        return Answer(201)

    def move(self, call: Call, names: list[str]) -> Answer:
        parts = self._parts_of(names)
        if names[1:] != [".file"]:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        target = destination(self._host, call)
        total = sum(part.size for part in parts.values())
        if str(total) != call.headers.get("oc-total-length", str(total)):
            raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Chunks on server do not sum up")
        tree = self._host.tree
        tree.folder_for(target, 409)
        before = tree.find(target)
        check_quota(self._host, total - (before.size if before else 0))
        body = self._host.keep(parts[name].read() for name in sorted(parts))
        node, created = tree.put(target, body, mtime(call), checksums(call))
        del self.parts[names[0]]
        return Answer(201 if created else 204, headers=headers_after_write(call, node))

    def delete(self, call: Call, names: list[str]) -> Answer:
        self._parts_of(names)
        del self.parts[names[0]]
        return Answer(204)

    def _parts_of(self, names: list[str]) -> dict[str, Body]:
        """The parts of an upload; refused where there is none."""
        parts = self.parts.get(names[0])
        if parts is None:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        return parts
