"""PROPFIND without an XML library: what is asked for, and the multistatus of entries written straight to text."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import gmtime, strftime
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from davproxy import paths
from davproxy.dav import urls
from davproxy.dav.locks import Lock
from davproxy.errors import BadBody
from davproxy.media_types import media_type
from davproxy.model import Entry, Quota
from davproxy.server.dates import http_date

MOST_NAMES, MOST_CHARACTERS = 200, 8192
"""Most properties that one PROPFIND asks for, and the characters of their names: each comes back with each entry."""

XML = "application/xml; charset=utf-8"

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<d:multistatus xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">'
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


@dataclass(frozen=True, slots=True)
class Beside:
    """What the properties of an entry say that is not in the entry. Functions take a tree path.

    `dead` gives the dead properties by name, each a whole element; `locks` the locks that protect the path.
    """

    quota: Quota | None = None
    locks: Callable[[str], Sequence[Lock]] = lambda _: ()
    dead: Callable[[str], Mapping[str, str]] | None = None


def parse_xml(body: bytes) -> Element:
    """The root of an XML document. Raises BadBody for what is none, or has a document type, which could blow up."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadBody("The body of this request is not XML that can be read here.") from None
    return root


@lru_cache(maxsize=256)
def parse(body: bytes) -> Asked:
    """The request in a PROPFIND's body. Raises BadBody.

    An empty one asks for all properties, and gets those of a short listing: Windows asks so, and gives up on a folder
    whose listing is longer than 1,000,000 bytes.
    """
    if not body.strip():
        return Asked(_SHORT, everything=True)
    root = parse_xml(body)
    children = [child.tag for child in root]
    if root.tag != "{DAV:}propfind" or len({"{DAV:}prop", "{DAV:}allprop", "{DAV:}propname"} & set(children)) != 1:
        raise BadBody("The body of this PROPFIND must hold one of prop, allprop and propname.")
    if "{DAV:}propname" in children:
        return Asked((*_PROPERTIES, *_FURTHER), names_only=True)
    named = tuple(
        dict.fromkeys(name.tag for child in root if child.tag in ("{DAV:}prop", "{DAV:}include") for name in child)
    )
    if len(named) > MOST_NAMES or sum(map(len, named)) > MOST_CHARACTERS:
        raise BadBody(f"This PROPFIND asks for more than {MOST_NAMES} properties, or for very long names.")
    if "{DAV:}allprop" in children:
        return Asked(tuple(dict.fromkeys((*_PROPERTIES, *named))), everything=True)
    return Asked(named)


def render(entries: Iterable[Entry], asked: Asked, beside: Beside = Beside(), *, mount: str = urls.MOUNT) -> bytes:
    """The whole multistatus; `mount` is the URL path of the entry `/`."""
    write = _writer(asked, beside, mount)
    return "".join([_HEAD, *map(write, entries), _TAIL]).encode()


def _writer(asked: Asked, beside: Beside, mount: str) -> Callable[[Entry], str]:
    """A function that writes one entry's response; what is the same for all of them is made here, once."""
    properties = _PROPERTIES | _FURTHER | _beside(beside, mount)
    known = [(_tag(name), properties[name]) for name in asked.names if name in properties]
    others = [(name, _empty(name)) for name in asked.names if name not in properties]

    def write(entry: Entry) -> str:
        found, missing = [], []
        for tag, value_of in known:
            value = value_of(entry)
            if value is None:
                if not (asked.everything or asked.names_only):
                    missing.append(f"<{tag}/>")
            elif value and not asked.names_only:
                found.append(f"<{tag}>{value}</{tag}>")
            else:
                found.append(f"<{tag}/>")
        dead = beside.dead(entry.path) if beside.dead else {}
        if asked.everything:
            found += dead.values()
        elif asked.names_only:
            found += map(_empty, dead)
        else:
            for name, empty in others:
                (found if name in dead else missing).append(dead.get(name, empty))
        parts = ["<d:response><d:href>", urls.href(entry.path, is_folder=entry.is_folder, mount=mount), "</d:href>"]
        if found or not missing:
            parts += ["<d:propstat><d:prop>", *found, _FOUND]
        if missing:
            parts += ["<d:propstat><d:prop>", *missing, _MISSING]
        return "".join([*parts, "</d:response>"])

    return write


def _tag(name: str) -> str:
    """The tag of a live property; `_HEAD` declares the prefixes."""
    namespace, _, local = name.rpartition("}")
    return f"{_PREFIXES[namespace + '}']}:{local}"


def _empty(name: str) -> str:
    """An element of any namespace without content."""
    namespace, _, local = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
    if namespace == "DAV:":
        return f"<d:{local}/>"
    return f"<x:{local} xmlns:x={quoteattr(namespace)}/>" if namespace else f'<{local} xmlns=""/>'


@lru_cache(maxsize=16384)
def _iso(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))


def _beside(beside: Beside, mount: str) -> dict[str, Callable[[Entry], str | None]]:
    found: dict[str, Callable[[Entry], str | None]] = {
        "{DAV:}lockdiscovery": lambda entry: active_locks(entry, beside.locks(entry.path), mount=mount)
    }
    if (quota := beside.quota) is not None:
        free = None if quota.free is None else str(quota.free)
        found["{DAV:}quota-used-bytes"] = lambda entry: str(quota.used) if entry.is_folder else None
        found["{DAV:}quota-available-bytes"] = lambda entry: free if entry.is_folder else None
    return found


def error(condition: str, message: str, hrefs: Iterable[str] = ()) -> bytes:
    """The body of a refusal that names a condition of RFC 4918, 16; `message` is for people."""
    inside = "".join(f"<d:href>{escape(href)}</d:href>" for href in hrefs)
    element = f"<d:{condition}>{inside}</d:{condition}>" if inside else f"<d:{condition}/>"
    text = f"<m:message xmlns:m={quoteattr('urn:davproxy')}>{escape(message)}</m:message>" if message else ""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:">{element}{text}</d:error>'.encode()


def active_locks(entry: Entry, locks: Iterable[Lock], *, mount: str = urls.MOUNT) -> str:
    """The content of `lockdiscovery` for an entry that `locks` protect."""
    return "".join(
        f"<d:activelock><d:locktype><d:write/></d:locktype>"
        f"<d:lockscope><d:{'exclusive' if lock.exclusive else 'shared'}/></d:lockscope>"
        f"<d:depth>{'infinity' if lock.deep else '0'}</d:depth>{lock.owner}"
        f"<d:timeout>Second-{max(0, int(lock.ends - time.time()))}</d:timeout>"
        f"<d:locktoken><d:href>{lock.token}</d:href></d:locktoken>"
        # A lock that protects an entry from above is that of a folder.
        f"<d:lockroot><d:href>{_root(entry, lock, mount)}</d:href></d:lockroot></d:activelock>"
        for lock in locks
    )


def _root(entry: Entry, lock: Lock, mount: str) -> str:
    return urls.href(lock.path, is_folder=entry.is_folder or lock.path != entry.path, mount=mount)


def _has_time(entry: Entry) -> bool:
    """Whether to show a modification time: that of a file always, because time 0 is one, and clients rely on it."""
    return bool(entry.modified) or not entry.is_folder


_PROPERTIES: dict[str, Callable[[Entry], str | None]] = {
    "{DAV:}resourcetype": lambda entry: "<d:collection/>" if entry.is_folder else "",
    "{DAV:}getcontentlength": lambda entry: None if entry.is_folder else str(entry.size),
    "{DAV:}getlastmodified": lambda entry: http_date(int(entry.modified)) if _has_time(entry) else None,
    "{DAV:}creationdate": lambda entry: _iso(int(entry.modified)) if _has_time(entry) else None,
    "{DAV:}getetag": lambda entry: f'"{escape(entry.etag)}"' if entry.etag else None,
    "{DAV:}getcontenttype": lambda entry: None if entry.is_folder else media_type(entry.path),
    "{DAV:}displayname": lambda entry: escape(paths.name_of(entry.path)) or "/",
    "{DAV:}supportedlock": lambda _: _LOCKS,
    "{DAV:}lockdiscovery": lambda _: "",
}
"""The live properties; None where an entry does not have one."""

_FURTHER: dict[str, Callable[[Entry], str | None]] = {
    "{http://owncloud.org/ns}checksums": lambda entry: (
        "".join(f"<oc:checksum>{escape(each)}</oc:checksum>" for each in entry.checksums.split()) or None
    ),
}
"""Properties that are sent only when a request names them: allprop gives what RFC 4918 defines."""

_PREFIXES = {"{DAV:}": "d", "{http://owncloud.org/ns}": "oc"}

_SHORT = tuple(_PROPERTIES)[:6]
"""Those of a short listing, without names and locks."""

_SONG = "/Songs/Artist/Artist - Title"
_FILES = ("song.ini", "notes.chart", "song.ogg", "album.jpg")


def sample(asked: Asked) -> bytes:
    """The listing of a made-up song: what listings of this kind have in common, for a cache that packs them."""
    paths_shown = (_SONG, *(paths.join(_SONG, name) for name in _FILES))
    return render([Entry(path, path == _SONG, 1234, 1.7e9, "0123456789abcdef") for path in paths_shown], asked)
