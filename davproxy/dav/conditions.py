"""The conditions of a request, evaluated once for every verb: If (RFC 4918, 10.4) and those of HTTP (RFC 9110, 13).

The lists of an If header name resources by URL, the others are about the URL of the request. A COPY or MOVE guards its
target with a tagged list.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.http import parse_date, parse_etags

from davproxy.dav import urls
from davproxy.errors import BadInput, BadPath, Conflict
from davproxy.model import ABSENT, ANYTHING, Entry, Guard

LONGEST = 8 * 1024
"""Longest header with a condition, in characters."""

_PART = re.compile(
    r"""\s*(?: <(?P<uri>[^<>\s]+)>  |  (?P<open>\()  |  (?P<close>\))  |  (?P<negated>not)(?=[\s<\[])
    |  \[\s*(?:W/)?(?: "(?P<quoted>[^"]*)" | (?P<bare>[^"\s\[\]]+) )\s*\] )""",
    re.IGNORECASE | re.VERBOSE,
)
_FALSE = "The condition of this request does not hold: the file was changed, or the lock has ended. Look at it again."
_UNREADABLE = "The If header of this request cannot be read."
_EXISTING_OR_NEW = ("PUT", "LOCK")
"""Verbs that work on a URL whether or not something is there."""
_HTTP = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_MODIFIED_SINCE")


class BadCondition(BadInput):
    """A header with a condition that cannot be read."""

    status = 400


@dataclass(frozen=True, slots=True)
class State:
    """What is at a URL now. `etag` has no quotes, `modified` is in Unix seconds, `tokens` are of the locks on it.

    A name that is locked and not written yet does not exist, but has tokens.
    """

    exists: bool = False
    etag: str = ""
    modified: float = 0.0
    tokens: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """One item of a list: an etag or a lock token, which the resource has; or has not, where `negated`."""

    kind: str
    value: str
    negated: bool = False

    def holds(self, state: State) -> bool:
        """Whether it is true of `state`. Etags are compared weakly (RFC 9110, 8.8.3.2)."""
        has = self.value in state.tokens if self.kind == "token" else state.etag != "" and self.value == state.etag
        return has != self.negated


@dataclass(frozen=True, slots=True)
class ConditionList:
    """Conditions that hold together, about the resource at the URL `tag`; without one, at the URL of the request."""

    tag: str | None
    conditions: tuple[Condition, ...]


def parse_if(header: str) -> tuple[ConditionList, ...]:
    """The lists of an If header, of which one has to hold. Raises BadCondition."""
    lists: list[ConditionList] = []
    inside: list[Condition] | None = None
    tag: str | None = None
    negated = False
    position, end = 0, len(header.rstrip())
    while position < end:
        part = _PART.match(header, position, end)
        if part is None:
            raise BadCondition(_UNREADABLE)
        position = part.end()
        kind = part.lastgroup
        if kind == "open" and inside is None:
            inside = []
        elif kind == "uri" and inside is None:
            tag = part["uri"]
        elif inside is not None and kind in ("uri", "quoted", "bare"):
            inside.append(Condition("token" if kind == "uri" else "etag", part[kind], negated))
            negated = False
        elif inside is not None and kind == "negated" and not negated:
            negated = True
        elif inside and kind == "close" and not negated:
            lists.append(ConditionList(tag, tuple(inside)))
            inside = None
        else:
            raise BadCondition(_UNREADABLE)
    if inside is not None or not lists:
        raise BadCondition(_UNREADABLE)
    return tuple(lists)


class Conditions:
    """The conditions of one request. Raises BadCondition for headers that cannot be read."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._headers = {name: environ[name] for name in (*_HTTP, "HTTP_IF") if environ.get(name)}
        if any(len(header) > LONGEST for header in self._headers.values()):
            raise BadCondition(f"A condition of this request is longer than {LONGEST} characters.")
        self._lists = parse_if(self._headers["HTTP_IF"]) if "HTTP_IF" in self._headers else ()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._headers)

    @property
    def tokens(self) -> list[str]:
        """The lock tokens that the client submits (RFC 4918, 10.4.1): all in the If header, whatever they say."""
        return [each.value for one in self._lists for each in one.conditions if each.kind == "token"]

    def check(self, method: str, path: str, state_of: Callable[[str], State]) -> bool:
        """Whether the client has what it asks for already, so that the answer is 304. Raises Conflict.

        `path` is the tree path of the request, `state_of` gives what is at a tree path.
        """
        if not self or method == "OPTIONS":
            return False
        if self._lists and not any(self._list_holds(one, path, state_of) for one in self._lists):
            raise Conflict(_FALSE)
        state = state_of(path)
        # Conditions are left out where the request fails without them (RFC 9110, 13.2.1).
        if method not in _EXISTING_OR_NEW and state.exists == (method == "MKCOL"):
            return False
        return self._check_http(state, method in ("GET", "HEAD"))

    @staticmethod
    def _list_holds(one: ConditionList, path: str, state_of: Callable[[str], State]) -> bool:
        try:
            state = state_of(path if one.tag is None else urls.path_of_url(one.tag))
        except BadPath:  # the URL of another server, or of nothing that can be here
            state = State()
        return all(condition.holds(state) for condition in one.conditions)

    def _check_http(self, state: State, reads: bool) -> bool:
        """As `check`, in the order of RFC 9110, 13.2.2."""
        match, none_match, unmodified, modified = (self._headers.get(name, "") for name in _HTTP)
        if match:
            if not (state.exists and _lists(match, state.etag, weakly=False)):
                raise Conflict(_FALSE)
        elif (since := _seconds(unmodified)) is not None and state.modified and int(state.modified) > since:
            raise Conflict(_FALSE)
        if none_match:
            if state.exists and _lists(none_match, state.etag, weakly=True):
                if not reads:
                    raise Conflict(_FALSE)
                return True
        elif (since := _seconds(modified)) is not None:
            return reads and state.exists and bool(state.modified) and int(state.modified) <= since
        return False

    def guard(self, entry: Entry | None) -> Guard:
        """What the remote has to check once more when a write to `entry` is committed, which the conditions let pass.

        `entry` is None where nothing is there. Without conditions the library has a guard of its own.
        """
        if not self:
            return ANYTHING
        if entry is None:
            return ABSENT
        return Guard(etag=entry.etag) if entry.etag and not entry.is_folder else ANYTHING


def _lists(header: str, etag: str, *, weakly: bool) -> bool:
    """Whether a list of etags holds `etag`, or is `*`."""
    etags = parse_etags(header.strip())
    return etags.contains_weak(etag) if weakly else etags.contains(etag)


def _seconds(header: str) -> float | None:
    """An HTTP date in Unix seconds; None for none, and for one that cannot be read."""
    try:
        date = parse_date(header)
        return date.timestamp() if date else None
    except OverflowError:
        return None
