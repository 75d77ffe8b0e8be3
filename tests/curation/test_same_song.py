"""Names of one song."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.curation.same_song import artist_key, song_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("The Beatles", "Help!"), ("Beatles, The", "HELP")),
        (("Motörhead", "Ace of Spades"), ("motorhead", "Ace Of Spades (2011 Remaster)")),
        (("AC/DC", "T.N.T."), ("ACDC", "TNT")),
        (("Queen", "Under Pressure (feat. David Bowie)"), ("Queen feat. David Bowie", "Under Pressure")),
        (("Simon & Garfunkel", "Cecilia"), ("Simon and Garfunkel", "Cecilia - Remastered 2009")),
        (("Dragonforce", "Heroes of Our Time (2x Bass Pedal)"), ("DragonForce", "Heroes of Our Time")),
        (("Guns N' Roses", "Don't Cry"), ("Guns N’ Roses", "Dont Cry")),
        (("<b>Sectoid</b>", "Part 1"), ("Sectoid", "Pt. 1")),
        (("Røyksopp", "Eple"), ("Royksopp", "Eple [Album Version]")),
    ],
)
def test_one_song_has_one_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert song_key(*one) == song_key(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("A", "Song"), ("A", "Song (Live)")),
        (("A", "Song"), ("A", "Song (Acoustic)")),
        (("A", "Part 1"), ("A", "Part 2")),
        (("A", "Song"), ("B", "Song")),
        (("!!!", "Song"), ("???", "Song")),
        (("A", "夜に駆ける"), ("A", "群青")),
        (("The The", "Song"), ("The", "Song 2")),
        (("A", "Remastered"), ("A", "Mono")),
    ],
)
def test_another_song_has_another_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert song_key(*one) != song_key(*other)


def test_a_song_without_a_name_has_no_key() -> None:
    assert song_key("", "Song") is None
    assert song_key("A", " ") is None


@given(st.text(), st.text())
def test_any_name_has_a_key_that_case_does_not_change(artist: str, title: str) -> None:
    key = song_key(artist, title)
    assert key == song_key(f" {artist} ", title) or key is None
    assert artist_key(artist.upper().lower()) == artist_key(artist.upper().lower().casefold())
