"""What an import says of itself: in its result, in a list of jobs, in the error note."""

import pytest

from davproxy.errors import BadArchive
from davproxy.imports.find_songs import AUDIO_ALONE, NO_SONG, FoundSong
from davproxy.imports.outcome import Outcome

ONE = ("/Songs/A/One_0", FoundSong("one", "One", "A", "0" * 32, {}))
BAD = ("bad.zip", "It is damaged.")
LEFT = ("readme.txt", NO_SONG)


@pytest.mark.parametrize(
    ("outcome", "summary"),
    [
        (Outcome(songs=[ONE]), "1 song imported."),
        (Outcome(songs=[ONE, ONE], duplicates=[ONE]), "2 songs imported, 1 song in the library already (nothing new)."),
        (Outcome(duplicates=[ONE]), "1 song in the library already (nothing new)."),
        (Outcome(files=["a", "b"]), "2 files imported."),
        (Outcome(songs=[ONE], failed=[BAD, BAD]), "1 song imported, 2 failed (bad.zip: It is damaged)."),
        (Outcome(songs=[ONE], skipped=[LEFT]), "1 song imported, 1 left out (readme.txt: It belongs to no song)."),
        (Outcome(songs=[ONE], charts={"0" * 32: {"remarks": ["It is faint."]}}), "1 song imported. It is faint."),
        (Outcome(skipped=[("", "The input is gone.")]), "1 left out (The input is gone)."),
    ],
)
def test_a_line_says_what_became_of_everything(outcome: Outcome, summary: str) -> None:
    assert outcome.summary() == summary


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(), "It holds no song."),
        (Outcome(skipped=[LEFT, ("a.mp3", AUDIO_ALONE)]), "It holds no song."),
        (Outcome(skipped=[("a.mp3", AUDIO_ALONE)]), "Put it into /Generate"),
        (Outcome(failed=[BAD]), "“bad.zip”: It is damaged."),
        (Outcome(failed=[BAD] * 5), "and 2 more"),
        (Outcome(failed=[("", "It has no notes.")]), "No song can be taken from it. It has no notes."),
    ],
)
def test_without_a_song_the_error_names_the_reasons(outcome: Outcome, words: str) -> None:
    with pytest.raises(BadArchive) as raised:
        outcome.check_found()
    assert words in raised.value.message


def test_what_was_in_an_archive_is_named_with_it() -> None:
    outcome = Outcome()
    outcome.add(Outcome(songs=[ONE], failed=[BAD, ("", "It has no notes.")], skipped=[LEFT]), "pack.zip")
    assert outcome.left_behind().splitlines() == [
        "Songs imported: 1.", "These were not:", "", "pack.zip/bad.zip: It is damaged.", "pack.zip: It has no notes.",
        "", "These files are left:", "", "pack.zip/readme.txt: It belongs to no song.",
    ]  # fmt: skip


def test_long_lists_are_cut() -> None:
    lines = Outcome(failed=[BAD] * 150).failures().splitlines()
    assert len(lines) == 3 + 101
    assert lines[-1] == "… and 50 more."
