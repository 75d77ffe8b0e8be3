"""What several verbs check, and the headers and listings that several of them send."""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

from tests.fakes.nextcloud import xml
from tests.fakes.nextcloud.messages import Answer, Call, Host
from tests.fakes.nextcloud.tree import Node, Refused
from tests.fakes.nextcloud.xml import DAV

XML = "application/xml; charset=utf-8"
LONGEST_NAME = 250
EARLIEST_MTIME = 86_400
_IF = re.compile(r'<([^>]*)> \(\["([^"]*)"\]\)')

Listing = list[tuple[str, Node, dict[str, str | None]]]
"""(href, node, further properties) of each response in a multistatus."""


def multistatus(host: Host, call: Call, listing: Listing, names: list[str] | None = None) -> Answer:
    """The 207 for `listing`, with the properties `names` or those that the request's body asks for."""
    wanted = xml.requested_properties(call.body.read()) if names is None else names
    quota: dict[str, str | None] = {}
    if f"{DAV}quota-used-bytes" in wanted:
        used = host.tree.root.size
        quota = {
            f"{DAV}quota-used-bytes": str(used),
            f"{DAV}quota-available-bytes": "-3" if host.quota is None else str(max(host.quota - used, 0)),
        }
    text = [xml.response(href, wanted, node, extra | quota) for href, node, extra in listing]
    return Answer(207, "".join([xml.HEAD, *text, xml.TAIL]).encode(), {"Content-Type": XML})


def destination(host: Host, call: Call) -> list[str]:
    """The names of the Destination, after its Overwrite and If conditions are checked."""
    path = unquote(urlsplit(call.headers.get("destination", "")).path)
    prefix = f"/remote.php/dav/files/{host.user}/"
    if not path.startswith(prefix):
        raise Refused(502, "Sabre\\DAV\\Exception", "Destination is not ours")
    target = [name for name in unicodedata.normalize("NFC", path.removeprefix(prefix)).split("/") if name]
    check_names(target)
    node = host.tree.find(target)
    condition = _IF.fullmatch(call.headers.get("if", ""))
    if condition:
        if node is None:
            raise Refused(404, "Sabre\\DAV\\Exception\\NotFound")
        if condition[2] != node.etag:
            raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed", "An If-header did not match")
    if node is not None and call.headers.get("overwrite", "T") == "F":
        raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed", "The destination node already exists")
    return target


def check_match(call: Call, node: Node | None) -> None:
    """Refuses an If-Match that does not match."""
    wanted = call.headers.get("if-match")
    if wanted and (node is None or wanted not in ("*", f'"{node.etag}"')):
        raise Refused(412, "Sabre\\DAV\\Exception\\PreconditionFailed", "An If-Match header was specified")


def check_complete(call: Call) -> None:
    """Refuses a body that was cut off."""
    if not call.complete:
        raise Refused(400, "Sabre\\DAV\\Exception\\BadRequest", "Expected filesize does not match")


def check_names(names: list[str]) -> None:
    """Refuses names that a Nextcloud refuses."""
    for name in names:
        if "\\" in name or name.lower() == ".htaccess" or name.lower().endswith((".part", ".filepart")):
            raise Refused(400, "OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath", "Invalid name")
        if len(name.encode()) > LONGEST_NAME:
            raise Refused(400, "OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath", "Filename too long")


def check_quota(host: Host, more: int) -> None:
    """Refuses `more` bytes beyond the quota."""
    if host.quota is not None and host.tree.root.size + more > host.quota:
        raise Refused(507, "Sabre\\DAV\\Exception\\InsufficientStorage", "Insufficient space")


def mtime(call: Call) -> int | None:
    """The modification time of the request; a Nextcloud fails on one of the first day of 1970."""
    raw = call.headers.get("x-oc-mtime")
    if raw is not None and (not raw.isdecimal() or int(raw) <= EARLIEST_MTIME):
        raise Refused(500, "InvalidArgumentException", "Valid timestamp required")
    return int(raw) if raw else None


def checksums(call: Call) -> str:
    """The checksums that a Nextcloud stores with the file of the request, as they are; it does not verify them."""
    return call.headers.get("oc-checksum", "").strip()


def file_id(node: Node) -> str:
    """`OC-FileId`: the file id and the id of the instance."""
    return f"{node.file_id:08}ocfake"


def content_headers(node: Node) -> dict[str, str]:
    """The headers that identify a file and its content."""
    return {"OC-FileId": file_id(node), "ETag": f'"{node.etag}"', "OC-ETag": f'"{node.etag}"'}


def headers_after_write(call: Call, node: Node) -> dict[str, str]:
    """The headers after a write."""
    return content_headers(node) | ({"X-OC-MTime": "accepted"} if "x-oc-mtime" in call.headers else {})
