"""The scores of players, read from the files of their games in /Scores/PLAYER. The files are never written."""

from collections.abc import Iterator
from functools import partial

from davproxy import paths
from davproxy.curation.player_files import PlayerFile
from davproxy.errors import BadInput
from davproxy.formats import scores, yarg_scores
from davproxy.library import Library
from davproxy.model import Entry, PlayerCounts, Score, Song

DATA, EXTRA, LAST, YARG = "scoredata.bin", "scoresext.bin", "scorestats.json", "scores.db"
FILES = (DATA, EXTRA, LAST, YARG)
"""The names of the files that are read, by Clone Hero and YARG."""
NOBODY = "Player"
"""The player of files directly in /Scores."""


class Scores:
    """Reads the files into the index, and queries them."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def files(self) -> Iterator[PlayerFile]:
        """The files that are there."""
        there = {entry.path: entry for entry in self._library.tree.below(paths.SCORES) if is_score_file(entry)}
        for path, entry in there.items():
            beside = there.get(paths.join(paths.parent_of(path), EXTRA))
            match paths.name_of(path):
                case name if name == DATA:
                    etag = f"{entry.etag}+{beside.etag}" if beside else entry.etag
                    yield PlayerFile(path, etag, partial(self._store_data, entry, beside))
                case name if name == LAST:
                    yield PlayerFile(path, entry.etag, partial(self._store_last, entry))
                case name if name == YARG:
                    yield PlayerFile(path, entry.etag, partial(self._store_yarg, entry))

    def of_song(self, song: Song) -> list[Score]:
        """The best score of each player in a song, highest first."""
        best: dict[str, Score] = {}
        for score in self._library.scores.of(song.identity, song.sha1):
            best.setdefault(score.player, score)
        return list(best.values())

    def players(self) -> list[PlayerCounts]:
        """The totals of every player."""
        return self._library.scores.players()

    def of_missing_songs(self, limit: int) -> list[Score]:
        """Scores in songs that the library does not have, those played most first."""
        return self._library.scores.of_missing_songs(limit)

    def _store_data(self, entry: Entry, beside: Entry | None) -> None:
        charts = scores.parse(self._read(entry))
        if beside is not None:
            charts = scores.with_shown_scores(charts, self._read(beside))
        found = []
        for chart in charts:
            rows = [row for row in chart.rows if row.variant == scores.SHOWN_VARIANT]
            best = max(rows, key=lambda row: row.score, default=scores.Row(0, 0, 0, False, 100, 0, 0))
            found.append(
                Score(
                    player_of(entry.path), chart.identity, chart.plays, best.score, best.stars, best.percent,
                    best.full_combo,
                )
            )  # fmt: skip
        self._library.scores.put(entry.path, found)

    def _store_last(self, entry: Entry) -> None:
        play = scores.parse_last_play(self._read(entry))
        score = Score(
            player_of(entry.path), play.identity, 0, play.score, play.stars, 0, play.full_combo, play.when,
            play.title, play.artist,
        )  # fmt: skip
        self._library.scores.put(entry.path, [score])

    def _store_yarg(self, entry: Entry) -> None:
        read = yarg_scores.parse(self._read(entry))
        alone = len({score.player for score in read}) == 1
        self._library.scores.put(
            entry.path,
            [
                Score(
                    player_of(entry.path) if alone else each.player, each.sha1, each.plays, each.score, each.stars,
                    each.percent, each.full_combo, each.when, each.title, each.artist,
                )
                for each in read
            ],
        )  # fmt: skip

    def _read(self, entry: Entry) -> bytes:
        check_size(entry)
        return self._library.tree.read(entry.path)


def is_score_file(entry: Entry) -> bool:
    """Whether this is a file of scores, in /Scores or a folder of it, under the name that its game gives."""
    return (
        not entry.is_folder
        and paths.top_of(entry.path) == paths.SCORES
        and entry.path.count("/") <= 3
        and paths.name_of(entry.path) in FILES
    )


def check_size(entry: Entry) -> None:
    """Raise BadInput for a file of scores that is too large to be read."""
    most = yarg_scores.MAX_BYTES if paths.name_of(entry.path) == YARG else scores.MAX_BYTES
    if entry.size > most:
        raise BadInput(f"This file is far too large for scores: {most // 2**20} MiB are read at most.")


def player_of(path: str) -> str:
    """The player whose file this is: the name of its folder."""
    folder = paths.parent_of(path)
    return NOBODY if folder == paths.SCORES else paths.name_of(folder)
