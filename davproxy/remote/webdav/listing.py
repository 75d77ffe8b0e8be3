"""Many entries in few requests: the whole tree in one listing, a search by name, or a crawl where neither is had."""

from collections.abc import Iterator

from lxml import etree

from davproxy.errors import DavproxyError, NotFound, SignInRefused, Unavailable, WrongKind
from davproxy.model import Entry
from davproxy.paths import name_of, normalise, parent_of
from davproxy.remote.webdav.connection import blocks
from davproxy.remote.webdav.discovery import check_multistatus
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.multistatus import DAV, NEXTCLOUD_ENTRY, OWNCLOUD, document, resources
from davproxy.remote.webdav.parallel import in_parallel

CRAWLERS = 4
"""Connections for a crawl; more than the server has cores do not help."""
PAGE = 5000
"""Rows of a search in one answer: a Nextcloud takes 84 MB of memory for 10,000."""
_FIRST = "{https://github.com/icewind1991/SearchDAV/ns}firstresult"


def walk(files: Files, path: str) -> Iterator[Entry]:
    """Every entry below `path`, parents before children."""
    path = normalise(path)
    return _deep(files, path) if files.server.dav_url else crawl(files, path)


def _deep(files: Files, path: str) -> Iterator[Entry]:
    """One listing of Depth infinity.

    A server where that is switched off answers Depth 1 without a word; folders that hold bytes but showed no child are
    therefore listed on their own.
    """
    unopened: dict[str, None] = {}
    seen_own = False
    for resource in files.propfind(files.url(path) + "/", "infinity", path):
        if resource.status != 200:
            raise Unavailable(f"The listing of “{path}” is not complete. Try again later.")
        entry = files.entry(resource)
        if entry is None:
            continue
        if entry.path == path:
            seen_own = True
            if not entry.is_folder:
                raise WrongKind(f"“{path}” is a file, not a folder.")
            continue
        unopened.pop(parent_of(entry.path), None)
        if entry.is_folder and resource.size:
            unopened[entry.path] = None
        yield entry
    if not seen_own:
        raise Unavailable(f"The server answers about another folder than “{path}”.")
    for folder in unopened:
        yield from crawl(files, folder)


def crawl(files: Files, path: str) -> Iterator[Entry]:
    """One listing a folder, a few at a time, level by level."""
    level = [path]
    while level:
        below: list[str] = []
        for children in in_parallel(files.children, level, CRAWLERS):
            below += [child.path for child in children if child.is_folder]
            yield from children
        level = below


def find(files: Files, name: str, below: str) -> list[Entry]:
    """Every file called `name` below the folder `below`, capitals or not."""
    below = normalise(below)
    wanted = name.casefold()
    if files.server.features.search:
        try:
            found = _search(files, name, below)
        except (NotFound, SignInRefused):
            raise
        except DavproxyError:
            found = None  # an index out of order, or search taken away: the listing still knows
        if found is not None:
            return [entry for entry in found if name_of(entry.path).casefold() == wanted]
    entries = walk(files, below)
    return [entry for entry in entries if not entry.is_folder and name_of(entry.path).casefold() == wanted]


def _search(files: Files, name: str, below: str) -> list[Entry] | None:
    """The search page by page; None when files moved between the pages, which shows as one that comes twice."""
    found: dict[str, Entry] = {}
    rows = kept = 0
    while True:
        page = 0
        with files.connection.stream(
            "SEARCH",
            f"{files.server.dav_url}/",
            expect={207},
            about=below,
            headers={"Content-Type": "text/xml; charset=utf-8"},
            content=_query(files, name, below, rows),
        ) as response:
            check_multistatus(response)
            for resource in resources(blocks(response, below)):
                page += 1
                entry = files.entry(resource)
                if entry and not entry.is_folder and resource.status == 200:
                    kept += 1
                    found[entry.path] = entry
        rows += page
        if page < PAGE:
            return list(found.values()) if kept == len(found) else None


def _query(files: Files, name: str, below: str, first: int) -> bytes:
    """DASL basicsearch (RFC 5323) as Nextcloud understands it; in an order, for without one pages overlap."""
    root = etree.Element(f"{DAV}searchrequest", nsmap={"d": "DAV:", "oc": OWNCLOUD[1:-1]})
    search = etree.SubElement(root, f"{DAV}basicsearch")
    selected = etree.SubElement(etree.SubElement(search, f"{DAV}select"), f"{DAV}prop")
    for wanted in NEXTCLOUD_ENTRY:
        etree.SubElement(selected, wanted)
    scope = etree.SubElement(etree.SubElement(search, f"{DAV}from"), f"{DAV}scope")
    # Nextcloud takes this path as it is, not percent-encoded.
    etree.SubElement(scope, f"{DAV}href").text = f"/files/{files.server.user}{files.account_path(below)}"
    etree.SubElement(scope, f"{DAV}depth").text = "infinity"
    like = etree.SubElement(etree.SubElement(search, f"{DAV}where"), f"{DAV}like")
    etree.SubElement(etree.SubElement(like, f"{DAV}prop"), f"{DAV}displayname")
    etree.SubElement(like, f"{DAV}literal").text = name
    orders = etree.SubElement(search, f"{DAV}orderby")
    for key in (f"{DAV}displayname", f"{DAV}getlastmodified", f"{OWNCLOUD}size"):
        order = etree.SubElement(orders, f"{DAV}order")
        etree.SubElement(etree.SubElement(order, f"{DAV}prop"), key)
        etree.SubElement(order, f"{DAV}ascending")
    limit = etree.SubElement(search, f"{DAV}limit")
    etree.SubElement(limit, f"{DAV}nresults").text = str(PAGE)
    etree.SubElement(limit, _FIRST).text = str(first)
    return document(root)
