"""Many entries in few requests: a listing of the whole tree, a search by name, or a crawl where neither works."""

from collections.abc import Iterator
from itertools import count
from operator import attrgetter

from lxml import etree

from davproxy.errors import DavproxyError, NotFound, SignInRefused, Unavailable, WrongKind
from davproxy.model import Entry
from davproxy.paths import name_of, normalise, parent_of
from davproxy.remote.webdav.bodies import body_blocks
from davproxy.remote.webdav.discovery import check_multistatus
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.multistatus import DAV, NEXTCLOUD_LISTING, OWNCLOUD, Resource, document, resources
from davproxy.remote.webdav.parallel import in_parallel

CRAWLERS = 4
"""Concurrent requests of a crawl; more than the server has cores do not help."""
PAGE_ROWS = 5000
"""Rows of a search in one response: a Nextcloud needs 84 MB of memory for 10,000."""
SURELY_LAST = PAGE_ROWS // 2
"""A first page with fewer rows is the only one. A fuller one may lack rows that its query counted, such as what the
account may not see: then only an empty page is the end."""
ANY_NAME = "%"
_FIRST = "{https://github.com/icewind1991/SearchDAV/ns}firstresult"


def walk(files: Files, path: str) -> Iterator[Entry]:
    """Every entry below `path`, parents before children."""
    path = normalise(path)
    return _deep(files, path) if files.server.dav_url else crawl(files, path)


def walk_listed(files: Files, folder: Entry) -> Iterator[Entry]:
    """Every entry below `folder`, parents before children; by searches where the server knows them."""
    found = _search_below(files, folder) if files.server.features.search else None
    return walk(files, folder.path) if found is None else iter(found)


def _search_below(files: Files, folder: Entry) -> list[Entry] | None:
    """Everything below `folder` by searches, which cost a Nextcloud half as much as a listing of Depth infinity.

    None where that does not give all: a search fails, a row or the folder above one is missing, something changed
    between two pages, or another storage begins in the folder. A search knows of that only what the Nextcloud has seen
    before, and not the folder in which it begins; but the listed etags of the folders above it are others than the
    search says.
    """
    try:
        children = files.children(folder.path)
        if not any(child.is_folder for child in children):
            return children
        if any(child.mounted for child in children):
            return None
        found = _search(files, ANY_NAME, folder.path)
        if found is None or (len(found) >= SURELY_LAST and files.stat(folder.path).etag != folder.etag):
            return None
    except SignInRefused:
        raise
    except DavproxyError:
        return None
    entries = [entry for entry in map(files.addresses.entry, found) if entry]
    if any(each.status != 200 for each in found) or not _is_whole(folder, children, entries):
        return None
    return sorted(entries, key=_path)


def _is_whole(folder: Entry, children: list[Entry], entries: list[Entry]) -> bool:
    """Whether `entries` can be all that is below `folder`, in which a listing found the `children`."""
    found = {folder.path, *map(_path, entries)}
    if any(entry.mounted or parent_of(entry.path) not in found for entry in entries):
        return False
    here = [entry for entry in entries if parent_of(entry.path) == folder.path]
    return sorted(here, key=_path) == sorted(children, key=_path)


_path = attrgetter("path")


def _deep(files: Files, path: str) -> Iterator[Entry]:
    """One listing of Depth infinity.

    A server where that is switched off answers with Depth 1 and does not say so. Therefore each folder that has a size
    but no child in the listing is crawled.
    """
    unlisted: dict[str, None] = {}
    has_own = False
    for resource in files.propfind(files.url(path) + "/", "infinity", path):
        if resource.status != 200:
            raise Unavailable(f"The listing of “{path}” is not complete. Try again later.")
        entry = files.addresses.entry(resource)
        if entry is None:
            continue
        if entry.path == path:
            has_own = True
            if not entry.is_folder:
                raise WrongKind(f"“{path}” is a file, not a folder.")
            continue
        unlisted.pop(parent_of(entry.path), None)
        if entry.is_folder and resource.size:
            unlisted[entry.path] = None
        yield entry
    if not has_own:
        raise Unavailable(f"The server answers about another folder than “{path}”.")
    for folder in unlisted:
        yield from crawl(files, folder)


def crawl(files: Files, path: str) -> Iterator[Entry]:
    """Every entry below `path`: one listing for each folder, a few at a time, level by level."""
    level = [path]
    while level:
        below: list[str] = []
        for children in in_parallel(files.children, level, CRAWLERS):
            below += [child.path for child in children if child.is_folder]
            yield from children
        level = below


def find(files: Files, name: str, below: str) -> list[Entry]:
    """Every file called `name`, in any case, below the folder `below`."""
    below = normalise(below)
    wanted = name.casefold()
    if files.server.features.search:
        try:
            found = _search(files, name, below)
        except (NotFound, SignInRefused):
            raise
        except DavproxyError:
            found = None  # the search is broken or switched off: the listing below still works
        if found is not None:
            entries = (files.addresses.entry(each) for each in found if each.status == 200 and not each.is_folder)
            return [entry for entry in entries if entry and name_of(entry.path).casefold() == wanted]
    return [entry for entry in walk(files, below) if not entry.is_folder and name_of(entry.path).casefold() == wanted]


def _search(files: Files, name: str, below: str) -> list[Resource] | None:
    """The rows of the search, page by page, whatever their status.

    None where files moved between the pages, which shows as one that comes twice.
    The folder `below` counts as a row of its page if its name fits, but the server leaves it out.
    """
    found: dict[str, Resource] = {}
    rows = 0
    for first in count(0, PAGE_ROWS):
        page = 0
        with files.connection.stream(
            "SEARCH",
            f"{files.server.dav_url}/",
            expect={207},
            about=below,
            headers={"Content-Type": "text/xml; charset=utf-8"},
            content=_query(files, name, below, first),
        ) as response:
            check_multistatus(response)
            for resource in resources(body_blocks(response, below)):
                page += 1
                found[resource.path] = resource
        rows += page
        if page == 0 or rows < SURELY_LAST or rows > len(found):
            break
    return list(found.values()) if rows == len(found) else None


def _query(files: Files, name: str, below: str, first: int) -> bytes:
    """DASL basicsearch (RFC 5323) as Nextcloud understands it. It has an order, because pages overlap without one."""
    root = etree.Element(f"{DAV}searchrequest", nsmap={"d": "DAV:", "oc": OWNCLOUD[1:-1]})
    search = etree.SubElement(root, f"{DAV}basicsearch")
    selected = etree.SubElement(etree.SubElement(search, f"{DAV}select"), f"{DAV}prop")
    for wanted in NEXTCLOUD_LISTING:
        etree.SubElement(selected, wanted)
    scope = etree.SubElement(etree.SubElement(search, f"{DAV}from"), f"{DAV}scope")
    # Nextcloud expects this path as it is, not percent-encoded.
    etree.SubElement(scope, f"{DAV}href").text = f"/files/{files.server.user}{files.addresses.account_path(below)}"
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
    etree.SubElement(limit, f"{DAV}nresults").text = str(PAGE_ROWS)
    etree.SubElement(limit, _FIRST).text = str(first)
    return document(root)
