"""The XML that the fake reads and writes."""

from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from urllib.parse import quote
from xml.sax.saxutils import escape

from lxml import etree

from tests.fakes.nextcloud.tree import Node

DAV = "{DAV:}"
OWNCLOUD = "{http://owncloud.org/ns}"
NEXTCLOUD = "{http://nextcloud.org/ns}"
HEAD = (
    '<?xml version="1.0"?>\n<d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" '
    'xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">'
)
TAIL = "</d:multistatus>\n"
_PREFIX = {DAV: "d:", OWNCLOUD: "oc:", NEXTCLOUD: "nc:"}

USUAL = [f"{DAV}{name}" for name in ("getlastmodified", "getcontentlength", "resourcetype", "getetag")]

PROPERTIES: Mapping[str, Callable[[Node], str | None]] = {
    f"{DAV}resourcetype": lambda node: "<d:collection/>" if node.is_folder else "",
    f"{DAV}getcontentlength": lambda node: None if node.is_folder else str(node.size),
    f"{DAV}getlastmodified": lambda node: formatdate(node.modified, usegmt=True),
    f"{DAV}getetag": lambda node: f"&quot;{node.etag}&quot;",
    f"{OWNCLOUD}fileid": lambda node: str(node.file_id),
    f"{OWNCLOUD}size": lambda node: str(node.size),
    f"{NEXTCLOUD}mount-type": lambda node: node.mount_type,
    f"{NEXTCLOUD}is-encrypted": lambda node: str(int(node.is_encrypted)) if node.is_folder else None,
    f"{OWNCLOUD}checksums": lambda node: _checksums(node.checksums) if node.checksums else None,
    f"{OWNCLOUD}favorite": lambda node: str(int(node.is_favourite)),
    f"{OWNCLOUD}permissions": lambda node: "RGDNVCK" if node.is_folder else "RGDNVW",
}


def _checksums(text: str) -> str:
    return "".join(f"<oc:checksum>{escape(each)}</oc:checksum>" for each in text.split(" "))


def requested_properties(body: bytes) -> list[str]:
    """The properties that a PROPFIND asks for."""
    if not body:
        return list(USUAL)
    names = etree.fromstring(body).find(f"{DAV}prop")
    return list(USUAL) if names is None else [str(name.tag) for name in names]


def response(href: str, names: Iterable[str], node: Node | None, extra: Mapping[str, str | None]) -> str:
    """One `d:response`. A property that is neither in `extra` nor one of the node has the status 404 in it."""
    found, missing = [], []
    for name in names:
        if name in extra:
            value = extra[name]
        elif node is not None and name in PROPERTIES:
            value = PROPERTIES[name](node)
        else:
            value = None
        namespace, _, local = name.rpartition("}")
        tag = _PREFIX.get(namespace + "}", "x:") + local
        if tag.startswith("x:"):
            continue
        if value is None:
            missing.append(f"<{tag}/>")
        else:
            found.append(f"<{tag}>{value}</{tag}>")
    text = f"<d:response><d:href>{escape(quote(href))}</d:href>"
    text += f"<d:propstat><d:prop>{''.join(found)}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
    if missing:
        text += (
            f"<d:propstat><d:prop>{''.join(missing)}</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>"
        )
    return text + "</d:response>"


def error(exception: str, message: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">\n'
        f"  <s:exception>{escape(exception)}</s:exception>\n  <s:message>{escape(message)}</s:message>\n</d:error>\n"
    ).encode()
