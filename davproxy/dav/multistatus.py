"""PROPFIND without an XML library: what is asked for, and the multistatus of entries written straight to text."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from time import gmtime, strftime
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from davproxy import paths
from davproxy.dav import urls
from davproxy.errors import BadBody
from davproxy.media_types import media_type
from davproxy.model import Entry, Quota
from davproxy.server.dates import http_date

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<d:multistatus xmlns:d="DAV:">'
_TAIL = "</d:multistatus>"

_FOUND = "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
_MISSING = "</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>"
_LOCKS = "".join(
    f"<d:lockentry><d:lockscope><d:{scope}/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"
    for scope in ("exclusive", "shared")
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a PROPFIND asks for: names in Clark notation. `everything` is allprop, `names_only` is propname."""

    names: tuple[str, ...]
    everything: bool = False
    names_only: bool = False

    @property
    def quota(self) -> bool:
        """Whether the answer says how much room is left, and so may not be kept."""
        return any(name.startswith("{DAV:}quota-") for name in self.names)

    @property
    def locks(self) -> bool:
        """Whether the answer says who holds locks."""
        return "{DAV:}lockdiscovery" in self.names

    @property
    def foreign(self) -> bool:
        """Whether the answer may hold dead properties."""
        return self.everything or self.names_only or any(not name.startswith("{DAV:}") for name in self.names)


@lru_cache(maxsize=256)
def parse(body: bytes) -> Asked:
    """The request in a PROPFIND's body; an empty one asks for everything. Raises BadBody."""
    if not body.strip():
        return Asked(_ALL, everything=True)
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadBody("The body of this PROPFIND is not XML that can be read.") from None
    children = [child.tag for child in root]
    if root.tag != "{DAV:}propfind" or len({"{DAV:}prop", "{DAV:}allprop", "{DAV:}propname"} & set(children)) != 1:
        raise BadBody("The body of this PROPFIND must hold one of prop, allprop and propname.")
    named = tuple(name.tag for child in root if child.tag in ("{DAV:}prop", "{DAV:}include") for name in child)
    if "{DAV:}allprop" in children:
        return Asked(tuple(dict.fromkeys((*_ALL, *named))), everything=True)
    if "{DAV:}propname" in children:
        return Asked((*_ALL, "{DAV:}displayname", "{DAV:}lockdiscovery", "{DAV:}supportedlock"), names_only=True)
    return Asked(tuple(dict.fromkeys(named)))


def render(entries: Iterable[Entry], asked: Asked, quota: Quota | None = None, *, mount: str = urls.MOUNT) -> bytes:
    """The whole multistatus; `mount` is the URL path of the entry `/`."""
    write = _writer(asked, quota, mount)
    return "".join([_HEAD, *map(write, entries), _TAIL]).encode()


def _writer(asked: Asked, quota: Quota | None, mount: str) -> Callable[[Entry], str]:
    """A function that writes one entry's response; what is the same for all of them is made here, once."""
    properties = _PROPERTIES | ({} if quota is None else _quota(quota))
    known = [(name[6:], properties[name]) for name in asked.names if name in properties]
    unknown = [] if asked.everything else [_empty(name) for name in asked.names if name not in properties]

    def write(entry: Entry) -> str:
        found, missing = [], list(unknown)
        for name, value_of in known:
            value = value_of(entry)
            if value is None:
                if not (asked.everything or asked.names_only):
                    missing.append(f"<d:{name}/>")
            elif value and not asked.names_only:
                found.append(f"<d:{name}>{value}</d:{name}>")
            else:
                found.append(f"<d:{name}/>")
        parts = ["<d:response><d:href>", urls.href(entry.path, is_folder=entry.is_folder, mount=mount), "</d:href>"]
        if found or not missing:
            parts += ["<d:propstat><d:prop>", *found, _FOUND]
        if missing:
            parts += ["<d:propstat><d:prop>", *missing, _MISSING]
        return "".join([*parts, "</d:response>"])

    return write


def _empty(name: str) -> str:
    """An element of any namespace without content."""
    namespace, _, local = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
    if namespace == "DAV:":
        return f"<d:{local}/>"
    return f"<x:{local} xmlns:x={quoteattr(namespace)}/>" if namespace else f'<{local} xmlns=""/>'


@lru_cache(maxsize=16384)
def _iso(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))


def _quota(quota: Quota) -> dict[str, Callable[[Entry], str | None]]:
    free = None if quota.free is None else str(quota.free)
    return {
        "{DAV:}quota-used-bytes": lambda entry: str(quota.used) if entry.is_folder else None,
        "{DAV:}quota-available-bytes": lambda entry: free if entry.is_folder else None,
    }


_PROPERTIES: dict[str, Callable[[Entry], str | None]] = {
    "{DAV:}resourcetype": lambda entry: "<d:collection/>" if entry.is_folder else "",
    "{DAV:}getcontentlength": lambda entry: None if entry.is_folder else str(entry.size),
    "{DAV:}getlastmodified": lambda entry: http_date(int(entry.modified)) if entry.modified else None,
    "{DAV:}creationdate": lambda entry: _iso(int(entry.modified)) if entry.modified else None,
    "{DAV:}getetag": lambda entry: f'"{escape(entry.etag)}"' if entry.etag else None,
    "{DAV:}getcontenttype": lambda entry: None if entry.is_folder else media_type(entry.path),
    "{DAV:}displayname": lambda entry: escape(paths.name_of(entry.path)) or "/",
    "{DAV:}supportedlock": lambda _: _LOCKS,
    "{DAV:}lockdiscovery": lambda _: "",
}
"""The live properties; None where an entry does not have one."""

_ALL = tuple(_PROPERTIES)[:6]
"""What allprop answers: without names and locks a listing stays below the size at which Windows gives up."""
