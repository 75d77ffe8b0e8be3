"""WebDAV's XML (RFC 4918): bodies of PROPFIND and PROPPATCH, and 207 Multi-Status responses, read as they arrive."""

import re
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from lxml import etree

from davproxy.errors import Unavailable
from davproxy.remote.checksums import readable

DAV = "{DAV:}"
OWNCLOUD = "{http://owncloud.org/ns}"
NEXTCLOUD = "{http://nextcloud.org/ns}"

_COMMON = (f"{DAV}resourcetype", f"{DAV}getlastmodified", f"{DAV}getetag")
ENTRY = (*_COMMON, f"{DAV}getcontentlength")
"""The properties that make an entry, on any server."""
NEXTCLOUD_ENTRY = (*_COMMON, f"{OWNCLOUD}fileid", f"{OWNCLOUD}size", f"{OWNCLOUD}checksums")
"""The same on a Nextcloud, where folders have oc:size. A property that entries lack makes a listing a tenth longer;
nothing but a listing says the checksums of files that others stored."""

MOUNT_TYPE, IS_ENCRYPTED = f"{NEXTCLOUD}mount-type", f"{NEXTCLOUD}is-encrypted"
"""What kind of storage a file or folder of a Nextcloud is on, and whether it is end-to-end encrypted."""
NEXTCLOUD_LISTING = (*NEXTCLOUD_ENTRY, MOUNT_TYPE)
"""What a listing or a search asks for."""

_PREFIXES = {"d": "DAV:", "oc": OWNCLOUD[1:-1], "nc": NEXTCLOUD[1:-1]}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One `d:response`: a path and the properties that the server has for it.

    `path` is the decoded path of its href, without a trailing slash. `status` is its HTTP status. `properties` maps
    names in Clark notation to texts; that of `{DAV:}resourcetype` is `collection` for a folder, empty for a file.
    """

    path: str
    status: int
    properties: Mapping[str, str]

    @property
    def is_folder(self) -> bool:
        return self.properties.get(f"{DAV}resourcetype") == "collection"

    @property
    def size(self) -> int:
        """Bytes; on a Nextcloud also of a folder."""
        return self.number(f"{DAV}getcontentlength") or self.number(f"{OWNCLOUD}size") or 0

    @property
    def modified(self) -> float:
        """Unix seconds; 0 where the server has no time."""
        return seconds(self.properties.get(f"{DAV}getlastmodified", ""))

    @property
    def etag(self) -> str:
        """Bare; empty where the server has none."""
        return bare_etag(self.properties.get(f"{DAV}getetag", ""))

    @property
    def file_id(self) -> int | None:
        return self.number(f"{OWNCLOUD}fileid")

    @property
    def checksums(self) -> str:
        """Those that a Nextcloud or ownCloud stores with a file: what the client that wrote it sent along."""
        return readable(self.properties.get(f"{OWNCLOUD}checksums", ""))

    @property
    def mounted(self) -> bool:
        """Whether it is on external storage or in a group folder. What others share with the account is not meant: its
        etags rise with its contents."""
        return self.properties.get(MOUNT_TYPE) in ("external", "group")

    def number(self, name: str) -> int | None:
        """A property as a whole number; None where it is missing or no number."""
        try:
            return int(self.properties[name])
        except (KeyError, ValueError):
            return None


def propfind(names: Iterable[str]) -> bytes:
    """The body of a PROPFIND for these properties."""
    root = etree.Element(f"{DAV}propfind", nsmap=_PREFIXES)
    properties = etree.SubElement(root, f"{DAV}prop")
    for name in names:
        etree.SubElement(properties, name)
    return document(root)


def proppatch(name: str, value: str) -> bytes:
    """The body of a PROPPATCH that sets one property."""
    root = etree.Element(f"{DAV}propertyupdate", nsmap=_PREFIXES)
    properties = etree.SubElement(etree.SubElement(root, f"{DAV}set"), f"{DAV}prop")
    etree.SubElement(properties, name).text = value
    return document(root)


def document(root: etree._Element) -> bytes:
    """`root` as an XML document in UTF-8."""
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def resources(blocks: Iterable[bytes]) -> Iterator[Resource]:
    """Each `d:response` of a multistatus document as soon as it is complete, in memory that does not grow with it.

    Raises Unavailable for anything but a whole multistatus document.
    """
    parser = etree.XMLPullParser(events=("end",), tag=f"{DAV}response", resolve_entities=False, no_network=True)
    try:
        for block in blocks:
            parser.feed(block)
            for _, element in parser.read_events():
                assert isinstance(element, etree._Element)
                yield _resource(element)
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise Unavailable("The server's listing is cut short or is not a listing. Try again later.") from error
    if root.tag != f"{DAV}multistatus":
        raise Unavailable("The server answered a listing with something else. Check NEXTCLOUD_URL.")


def _resource(element: etree._Element) -> Resource:
    properties: dict[str, str] = {}
    status = 200
    href = ""
    for child in element:
        if child.tag == f"{DAV}href":
            href = (child.text or "").strip()
        elif child.tag == f"{DAV}status":
            status = _status(child)
        elif child.tag == f"{DAV}propstat" and _status(child.find(f"{DAV}status")) == 200:
            for value in child.iterfind(f"{DAV}prop/*"):
                if value.tag == f"{DAV}resourcetype":
                    is_folder = value.find(f"{DAV}collection") is not None
                    properties[value.tag] = "collection" if is_folder else ""
                elif len(value):
                    properties[value.tag] = " ".join(" ".join(map(str, value.itertext())).split())
                else:
                    properties[value.tag] = value.text or ""
    path = unquote(urlsplit(href).path if "://" in href else href)
    return Resource(path=path.rstrip("/") or "/", status=status, properties=properties)


def _status(element: etree._Element | None) -> int:
    """The number in `HTTP/1.1 200 OK`; 0 where there is none."""
    words = (element.text or "").split() if element is not None else []
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0


def file_id_in(header: str) -> int | None:
    """The file id at the beginning of the header `OC-FileId`; the id of the server's instance follows."""
    found = re.match(r"[0-9]{1,18}", header)
    return int(found[0]) if found else None


def bare_etag(raw: str) -> str:
    """`W/"abc"` as `abc`."""
    return raw.strip().removeprefix("W/").strip('"')


@lru_cache(maxsize=4096)
def seconds(raw: str) -> float:
    """An HTTP date (RFC 9110, section 5.6.7) in Unix seconds; 0 for one that cannot be read."""
    try:
        # The common form, `Sun, 22 Nov 2026 15:05:39 GMT`, parsed ten times as fast as by email.utils.
        _, day, month, year, clock, zone = raw.split(" ")
        if zone == "GMT":
            hour, minute, second = clock.split(":")
            return float(timegm((int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second))))
    except (ValueError, KeyError):
        pass
    try:
        return parsedate_to_datetime(raw).timestamp()
    except (ValueError, TypeError):
        return 0.0
