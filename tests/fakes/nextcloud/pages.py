"""Responses that are not WebDAV: JSON, web pages, the status and the capabilities."""

import json

from tests.fakes.nextcloud.messages import Answer


def json_page(value: object, *, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"})


def web_page(text: str, *, status: int = 200) -> Answer:
    page = f"<!DOCTYPE html><html><body>{text}</body></html>"
    return Answer(status, page.encode(), {"Content-Type": "text/html"})


def status_page(version: int, *, maintenance: bool) -> Answer:
    """`/status.php`."""
    return json_page(
        {
            "installed": True,
            "maintenance": maintenance,
            "versionstring": f"{version}.0.1",
            "productname": "Nextcloud",
        }
    )


def capabilities(push: str = "") -> Answer:
    """`/ocs/v2.php/cloud/capabilities`; `push` is the address of notify_push, if it is installed."""
    files = {
        "undelete": True,
        "forbidden_filenames": [".htaccess"],
        "forbidden_filename_basenames": [],
        "forbidden_filename_characters": ["\\", "/"],
        "forbidden_filename_extensions": [".filepart", ".part"],
    }
    dav = {"chunking": "1.0", "bulkupload": "1.0"}
    found: dict[str, object] = {"files": files, "dav": dav}
    if push:
        found["notify_push"] = {"type": ["files"], "endpoints": {"websocket": push}}
    return json_page({"ocs": {"meta": {"status": "ok"}, "data": {"capabilities": found}}})
