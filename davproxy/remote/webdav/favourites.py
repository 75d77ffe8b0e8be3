"""Nextcloud's favourites, the stars in its pages and apps: which of the library's entries have one, and setting it.

https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/basic.html#listing-favorites
"""

from lxml import etree

from davproxy.paths import normalise
from davproxy.remote.webdav import multistatus
from davproxy.remote.webdav.bodies import body_blocks
from davproxy.remote.webdav.discovery import check_multistatus
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.multistatus import DAV, OWNCLOUD, document, resources

_FAVOURITE = f"{OWNCLOUD}favorite"


def favourites(files: Files) -> list[str]:
    """The paths of the favourites in the library, by one REPORT, which no etag shows."""
    with files.connection.stream(
        "REPORT",
        files.url("/") + "/",
        expect={207},
        about="the favourites",
        headers={"Content-Type": "application/xml; charset=utf-8"},
        content=_query(),
    ) as response:
        check_multistatus(response)
        found = [files.addresses.entry(each) for each in resources(body_blocks(response, "the favourites"))]
    return [entry.path for entry in found if entry]


def is_favourite(files: Files, path: str) -> bool:
    """Whether the entry at `path` is a favourite. Raises NotFound."""
    found = list(files.propfind(files.url(normalise(path)), "0", path, [_FAVOURITE]))
    return any(each.properties.get(_FAVOURITE) == "1" for each in found)


def set_favourite(files: Files, path: str, *, starred: bool) -> None:
    """Make the entry at `path` a favourite, or none. Raises NotFound."""
    body = multistatus.proppatch(_FAVOURITE, str(int(starred)))
    files.connection.send("PROPPATCH", files.url(normalise(path)), expect={207}, about=path, content=body)


def _query() -> bytes:
    root = etree.Element(f"{OWNCLOUD}filter-files", nsmap={"d": "DAV:", "oc": OWNCLOUD[1:-1]})
    wanted = etree.SubElement(root, f"{DAV}prop")
    for name in multistatus.NEXTCLOUD_ENTRY:
        etree.SubElement(wanted, name)
    rules = etree.SubElement(root, f"{OWNCLOUD}filter-rules")
    etree.SubElement(rules, _FAVOURITE).text = "1"
    return document(root)
