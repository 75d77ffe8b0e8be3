"""Steps: changes of the library that can be stored, done once and reverted, which `step_actions` does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["add", "delete", "move", "edit", "merge", "follow", "list", "art", "write", "ini", "shrink"]
Values = Mapping[str, str | None]
"""Texts by name; None where there is none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `reason` says why, for people.

    - `add`: a file or a song was stored at `path`.
    - `delete`: what is at `path` goes to the trash bin, where it has the `key`, if that is known; only while the song
      at `target` is there, if one is named.
    - `move`: what is at `path` goes to `target`; a folder that is empty then goes too, unless it `keeps_folder`.
    - `edit`: fields of the song at `path` go from `before` to `after`.
    - `merge`: the song at `path` gets what only the one at `target` has.
    - `follow`: the song at `target` takes the place of the one at `path` in every list.
    - `art`: the song at `path`, which has none, gets album art made from the picture at `target`.
    - `write`: a new file at `path` gets the `text` of `after`.
    - `ini`: the encoding or the heading of the song.ini at `path` goes from `before` to `after`.
    - `shrink`: the album art at `path` is made smaller; the original goes by `target` to the trash bin, or stays there.
    - `list`: the entries of the list called `path` go from `before` to `after`; null where there is no such list.

    `add` is only recorded, by what a `merge`, an `art` or an import did, and so is the `list` of a `follow`. Where one
    of these names a `target`, a song was replaced: it is reverted only while the song at `target` is there. A step that
    is only `planned` was not done, as far as is known: an undo leaves it alone.
    """

    kind: Kind
    path: str
    target: str = ""
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    reason: str = ""
    key: str = ""
    keeps_folder: bool = False
    planned: bool = False

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads, without what is empty."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items() if value}


def from_json(shape: Mapping[str, Any]) -> Step:
    """The step that `as_json` wrote."""
    return Step(**shape)
