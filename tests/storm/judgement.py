"""The judgement after a storm: do all instances agree with the Nextcloud, and the Nextcloud with the history?"""

import json
import re
from collections import Counter
from functools import partial
from urllib.parse import unquote

from davproxy.paths import parent_of
from tests.storm.clients import FILES, FOLDERS, TREE, Clients, title_of
from tests.storm.nextclouds import Truth, folders_of
from tests.waiting import wait_until

SETTLED_SECONDS = 180.0
AGREED_SECONDS = 60.0
"""How long an instance may take, after the storm, to show what is on the Nextcloud, on a busy machine."""
LOCKS = b'<propfind xmlns="DAV:"><prop><lockdiscovery/></prop></propfind>'


def judge(clients: Clients, truth: Truth) -> list[str]:
    """What is wrong, in sentences, with the part of the history that concerns it."""
    wait_until(
        lambda: not _not_imported_once(truth, clients.archives),
        lambda: f"not imported once: {_not_imported_once(truth, clients.archives)}",
        SETTLED_SECONDS + len(clients.archives),
    )
    for port in clients.ports:
        wait_until(partial(_is_synced, clients, port), "no sync", SETTLED_SECONDS)
        wait_until(partial(_has_no_lock, clients, port), "locks are left", SETTLED_SECONDS)
    problems = _check_history(clients, truth)
    for port in clients.ports:
        try:
            wait_until(partial(_agrees, clients, truth, port), seconds=AGREED_SECONDS)
        except AssertionError:
            problems += _differences(clients, truth, port)
    return problems


def _check_history(clients: Clients, truth: Truth) -> list[str]:
    there, problems = truth.below(TREE), []
    expected = [f"{TREE}/{folder}/{name}" for folder in FOLDERS for name in FILES]
    for path in expected:
        if not clients.history.explains(path, there.get(path)):
            problems.append(f"{path} is {there.get(path)!r}, which no order of the changes explains:")
            problems += clients.history.relevant_part(path)
    known = {*expected, *map(parent_of, expected)}
    return [*problems, *(f"{path} was put there by nobody" for path in sorted(there.keys() - known))]


def _is_synced(clients: Clients, port: int) -> bool:
    return clients.ask("POST", "/api/library/sync?wait=true", port=port)[0] == 200


def _agrees(clients: Clients, truth: Truth, port: int) -> bool:
    return not _differences(clients, truth, port)


def _differences(clients: Clients, truth: Truth, port: int) -> list[str]:
    """Where listings, contents and songs of an instance differ from what is on the Nextcloud."""
    there = truth.below(TREE)
    listed = {path for folder in ("", *FOLDERS) for path in _list_paths(clients, f"{TREE}/{folder}".rstrip("/"), port)}
    found = [f"{path} is listed, or not, wrongly at {port}" for path in sorted(listed ^ there.keys())]
    for path, content in there.items():
        if content is not None and (answer := clients.ask("GET", f"/dav{path}", port=port)) != (200, content):
            found.append(f"{path} is {content!r}, but {port} says {answer}")
    songs = {folder: title_of(there[f"{folder}/song.ini"] or b"") for folder in folders_of(there)}
    shown = json.loads(clients.ask("GET", "/api/songs?limit=1000", port=port)[1])["songs"]
    titles = {song["path"]: song["title"] for song in shown if song["path"].startswith(f"{TREE}/")}
    if titles != songs:
        found.append(f"{port} shows the songs {titles}, but there are {songs}")
    return found


def _list_paths(clients: Clients, folder: str, port: int) -> list[str]:
    """The paths in a folder as the instance lists them."""
    status, answer = clients.ask("PROPFIND", f"/dav{folder}", port=port, Depth="1")
    hrefs = re.findall(rb"<d:href>/dav([^<]*)</d:href>", answer, re.IGNORECASE) if status == 207 else []
    return [path for href in hrefs if (path := unquote(href.decode()).rstrip("/")) != folder]


def _not_imported_once(truth: Truth, titles: list[str]) -> list[str]:
    """The titles of archives that are still in Drop, or whose song is there never or twice."""
    folders = [entry.path for entry in truth.listed("/Songs/The Testers") if entry.path.count("/") == 3]
    found = Counter(path.rpartition("/")[2].rpartition("_")[0] for path in folders)
    dropped = {entry.path for entry in truth.listed("/Drop")}
    return [title for title in titles if found[title] != 1 or f"/Drop/{title}.zip" in dropped]


def _has_no_lock(clients: Clients, port: int) -> bool:
    found = [clients.ask("PROPFIND", f"/dav{TREE}/{name}", LOCKS, port=port, Depth="1") for name in FOLDERS]
    return not any(b"locktoken" in answer for _, answer in found)
