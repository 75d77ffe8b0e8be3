"""Properties that clients make up, such as davfs2's `executable`: kept in memory, by each instance that ran when
they were set."""

import threading
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from davproxy import paths
from davproxy.coordination import Coordination, InProcess
from davproxy.model import Change

MOST_CHARACTERS = 8 * 1024 * 1024
"""Most characters of all names and values; the entries whose properties are oldest lose them first."""

TOPIC = "dead properties"
"""The topic of the notices: the properties by path as they are now, none where there are none any more."""
_NONE: Mapping[str, str] = MappingProxyType({})


class DeadProperties:
    """XML elements as text, by path and by name in Clark notation. Each operation is atomic, and followed by the other
    instances."""

    def __init__(self, coordination: Coordination | None = None) -> None:
        self._coordination = coordination or InProcess()
        self._coordination.receive(TOPIC, self._receive)
        self._by_path: dict[str, dict[str, str]] = {}
        self._characters = 0
        self._mutex = threading.Lock()

    def of(self, path: str) -> Mapping[str, str]:
        """The properties of the entry at `path`, by name."""
        if not self._by_path:
            return _NONE
        with self._mutex:
            return dict(self._by_path.get(path, _NONE))

    def any_at_or_in(self, path: str) -> bool:
        """Whether the entry at `path`, or one directly in it, has any."""
        if not self._by_path:
            return False
        with self._mutex:
            return any(kept == path or paths.parent_of(kept) == path for kept in self._by_path)

    def set(self, path: str, name: str, element: str) -> None:
        """Keep a property: the whole element, with the namespaces that it uses."""
        with self._mutex:
            properties = self._by_path.pop(path, {})
            self._characters += len(name) + len(element) - self._size(properties, name)
            properties[name] = element
            self._by_path[path] = properties
            self._make_room()
        self._tell([path])

    def remove(self, path: str, name: str) -> None:
        """Drop a property; fine if there is none."""
        with self._mutex:
            properties = self._by_path.get(path, {})
            self._characters -= self._size(properties, name)
            properties.pop(name, None)
            if not properties:
                self._by_path.pop(path, None)
        self._tell([path])

    def copy(self, source: str, target: str, *, deep: bool) -> None:
        """Give `target` the properties of `source`; where `deep`, with everything below them."""
        with self._mutex:
            before = self._at_or_below(target)
            self._copy(source, target, deep=deep)
            after = self._at_or_below(target)
        self._tell([*before, *after])

    def forget(self, path: str) -> None:
        """Drop the properties of `path` and of everything below it."""
        with self._mutex:
            self._forget(path)

    def move(self, source: str, target: str) -> None:
        """Give `target` what `source` and everything below it have, and drop it there."""
        with self._mutex:
            before = self._at_or_below(target)
            self._copy(source, target, deep=True)
            self._forget(source)
            after = self._at_or_below(target)
        self._tell([*before, *after])  # others hear of the move too, but not all of them as one

    def follow(self, change: Change) -> None:
        """Keep in step with what others do to the tree."""
        if not self._by_path:
            return
        if change.kind == "moved":
            self.move(change.path, change.target)
        elif change.kind == "removed":
            self.forget(change.path)

    def _tell(self, changed: Iterable[str]) -> None:
        with self._mutex:
            states = {path: dict(self._by_path.get(path, _NONE)) for path in changed}
        if states:
            self._coordination.send(TOPIC, states)

    def _receive(self, states: Mapping[str, dict[str, str]]) -> None:
        with self._mutex:
            for path, properties in states.items():
                self._characters += self._total(properties) - self._total(self._by_path.pop(path, {}))
                if properties:
                    self._by_path[path] = dict(properties)
            self._make_room()

    def _at_or_below(self, path: str) -> list[str]:
        return [kept for kept in self._by_path if paths.is_at_or_below(kept, path)]

    def _copy(self, source: str, target: str, *, deep: bool) -> None:
        found = {
            kept: dict(properties)
            for kept, properties in self._by_path.items()
            if kept == source or (deep and paths.is_below(kept, source))
        }
        self._forget(target)
        for kept, properties in found.items():
            self._by_path[target + kept.removeprefix(source)] = properties
            self._characters += self._total(properties)
        self._make_room()

    def _forget(self, path: str) -> None:
        for kept in self._at_or_below(path):
            self._characters -= self._total(self._by_path.pop(kept))

    def _make_room(self) -> None:
        while self._characters > MOST_CHARACTERS:
            self._characters -= self._total(self._by_path.pop(next(iter(self._by_path))))

    @staticmethod
    def _size(properties: Mapping[str, str], name: str) -> int:
        return len(name) + len(properties[name]) if name in properties else 0

    @staticmethod
    def _total(properties: Mapping[str, str]) -> int:
        return sum(len(name) + len(element) for name, element in properties.items())
