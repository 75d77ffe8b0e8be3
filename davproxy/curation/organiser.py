"""The organiser: one job of moves that puts every song where the pattern of song folders says. Ids and lists stay."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from davproxy import paths
from davproxy.curation.folder_pattern import SNG, FolderPattern
from davproxy.curation.steps import Step
from davproxy.errors import BadInput
from davproxy.library import Library
from davproxy.library.song_rows import folder_title, own_title
from davproxy.model import Song

ORGANISE = "organise"
"""The kind of job. Its options are `ids` of songs, none for all, and a `pattern`, none for that of the settings."""
LONGEST_PATH = 240
"""Characters of a song's path: with a drive and the name of a file, Windows takes 260."""
MOST_CLASHES = 1000


class Organiser:
    """Plans the moves of songs to the folders that a pattern gives."""

    def __init__(self, library: Library, pattern: str) -> None:
        self._library, self._pattern = library, pattern

    def plan_of(self, options: Mapping[str, Any]) -> list[Step]:
        """The plan for the options of a job. Raises BadInput, NotFound."""
        try:
            pattern = FolderPattern(options.get("pattern") or self._pattern)
        except ValueError as error:
            raise BadInput(f"pattern: it {error}.") from None
        ids = options.get("ids")
        songs = [self._library.songs.get(id) for id in ids] if ids else list(self._library.songs.all())
        moves = self._targets(songs, pattern)
        return [*_keep_titles(songs, moves), *order_moves(moves)]

    def proposed_path(self, song: Song) -> str | None:
        """Where the pattern of the settings would put `song`; None where it is there, or its notes are not read yet."""
        moves = self._targets([song], FolderPattern(self._pattern))
        return moves.get(song.path)

    def _targets(self, songs: Sequence[Song], pattern: FolderPattern) -> dict[str, str]:
        """The path that each song goes to, by its path now; songs that stay are left out.

        So does a song that would be called otherwise there, where its title cannot be kept.
        """
        known = {song.path: song for song in songs if song.identity}
        targets = {path: self._target_of(song, pattern) for path, song in known.items()}
        wanted = {path: target for path, target in targets.items() if _may_go(known[path], target)}
        moves, kept = self._free_targets(known, wanted)
        if kept:  # again, because no song may go to their paths or below
            return self._targets([song for song in songs if song.path not in kept], pattern)
        return moves

    def _free_targets(
        self, known: Mapping[str, Song], wanted: Mapping[str, str]
    ) -> tuple[dict[str, str], Sequence[str]]:
        """The path that each song goes to so that no two meet, near the one that is `wanted` for it; and the paths of
        those that cannot go there."""
        there = {path for path, target in wanted.items() if path == target}
        staying = set(self._library.songs.ids_below(paths.SONGS)).difference(wanted)
        taken = {path.casefold() for path in staying | there}
        spelled: dict[str, str] = {}
        moves: dict[str, str] = {}
        kept: list[str] = []
        for path in [path for path in wanted if path not in there]:
            choices = _numbered(self._with_known_folders(wanted[path], spelled))
            free = next((each for each in choices if each == path or self._is_free(each, taken, wanted)), None)
            if free is None:
                continue
            taken.add(free.casefold())
            if any(above in staying for above in paths.ancestors(free)) or not _may_go(known[path], free):
                kept.append(path)
            elif free != path:
                moves[path] = free
        return moves, kept

    def _target_of(self, song: Song, pattern: FolderPattern) -> str:
        pairs = {
            **song.metadata, "name": song.title, "artist": song.artist, "album": song.album, "genre": song.genre,
            "year": song.year, "charter": song.charter,
        }  # fmt: skip
        return pattern.path(pairs, song.identity) + (SNG if song.path.lower().endswith(SNG) else "")

    def _with_known_folders(self, path: str, spelled: dict[str, str]) -> str:
        """`path` with the folders above it spelled as existing ones that differ only in case: some disks merge both."""
        folder = paths.SONGS
        *above, name = path.removeprefix(f"{paths.SONGS}/").split("/")
        for each in above:
            wanted = paths.join(folder, each)
            key = wanted.casefold()
            if key not in spelled:
                there = self._library.tree.children(folder) if self._library.tree.find(folder) else []
                folders = [entry.path for entry in there if entry.is_folder and entry.path.casefold() == key]
                spelled[key] = wanted if wanted in folders or not folders else folders[0]
            folder = spelled[key]
        return paths.join(folder, name)

    def _is_free(self, path: str, taken: set[str], moving: Mapping[str, str]) -> bool:
        """Whether nothing is at `path`, or only what moves away."""
        return path.casefold() not in taken and (path in moving or self._library.tree.find(path) is None)


def _numbered(path: str) -> Iterator[str]:
    """`path`, then the same with a number after its name."""
    yield path
    ending = SNG if path.endswith(SNG) else ""
    for number in range(2, MOST_CLASHES):
        yield f"{path.removesuffix(ending)} ({number}){ending}"


def _keep_titles(songs: Iterable[Song], moves: Mapping[str, str]) -> Iterator[Step]:
    """Write the titles that would change with the folder: the next run would move those songs again."""
    for song in songs:
        target = moves.get(song.path)
        if target and _renames(song, target):
            yield Step(
                "edit", song.path, before={"name": song.metadata.get("name")}, after={"name": song.title},
                reason="Its title is the name of its folder.",
            )  # fmt: skip


def _renames(song: Song, target: str) -> bool:
    """Whether `song` would have another title at `target`, because song.ini and notes give none."""
    return folder_title(target) != song.title and not own_title(song.metadata, song.chart or {})


def _may_go(song: Song, target: str) -> bool:
    """Whether `song` has its title at `target` too, or it can be written into its song.ini.

    Where games read nothing from song.ini, a name below a new heading would hide what the notes and other lines say.
    """
    return not _renames(song, target) or (bool(song.metadata) and own_title({"name": song.title}, {}) == song.title)


def order_moves(moves: Mapping[str, str]) -> list[Step]:
    """Steps for `moves`, in an order in which each target is free: a song at another's target moves first.

    Where songs swap paths, or a song goes into a folder of its own name, one moves to a path beside it meanwhile.
    """
    pending = dict(moves)
    steps: list[Step] = []
    waiting = list(pending)
    while pending:
        stuck: list[str] = []
        for source in waiting:
            target = pending[source]
            if any(above in pending for above in (target, *paths.ancestors(target))):
                stuck.append(source)
                continue
            del pending[source]
            reason = f"Longer than {LONGEST_PATH} characters, which Windows may refuse."
            steps.append(Step("move", source, target, reason=reason if len(target) > LONGEST_PATH else ""))
        if len(stuck) == len(waiting):
            source, beside = stuck[0], _path_beside(stuck[0], moves)
            steps.append(Step("move", source, beside, reason="To make way."))
            pending[beside] = pending.pop(source)
            stuck = [*stuck[1:], beside]  # the next one makes way, if that was not in the cycle
        waiting = stuck
    return steps


def _path_beside(path: str, moves: Mapping[str, str]) -> str:
    used: Iterable[str] = {*moves, *moves.values()}
    top = paths.join(paths.SONGS, paths.name_of(path))
    return next(each for n in range(1, MOST_CLASHES) if (each := f"{top} (moving {n})") not in used)
