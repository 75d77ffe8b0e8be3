"""An object that is read from its JSON when something asks for a part of it."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any


class LazyJson(Mapping[str, Any]):
    """The object of a JSON text. A page of a hundred songs reads their charts only where it shows them: to parse them
    takes longer than to find the songs."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._text)
        return found

    def __getitem__(self, key: str) -> Any:
        return self._object[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._object)

    def __len__(self) -> int:
        return len(self._object)

    def __repr__(self) -> str:
        return repr(self._object)
