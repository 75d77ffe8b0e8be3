"""What a player may choose, as plain JSON and as song.ini."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.options import INI_NAMES, Options
from davproxy.formats import song_ini
from davproxy.formats.chart import Difficulty

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=30).map(
    lambda text: " ".join(text.split())
)
choices = st.builds(
    Options, name=texts, **dict.fromkeys(INI_NAMES, texts), drums=st.booleans(), plot=st.booleans(),
    difficulties=st.lists(st.sampled_from(Difficulty), unique=True).map(tuple),
)  # fmt: skip


@given(choices)
def test_options_survive_the_way_to_a_child_process(options: Options) -> None:
    assert Options.of(json.loads(json.dumps(asdict(options)))) == options


def test_what_is_not_given_is_left_to_the_charter() -> None:
    assert Options.of({}) == Options()
    assert Options.of({"drums": False, "unknown": 1}) == Options(drums=False)


def test_an_unknown_difficulty_is_refused() -> None:
    with pytest.raises(ValueError, match="extreme"):
        Options.of({"difficulties": ["extreme"]})


@given(choices)
def test_song_ini_shows_what_was_chosen_and_nothing_else(options: Options) -> None:
    pairs = song_ini.parse(song_ini.render(song_ini.create(options.ini_pairs))).pairs
    assert pairs == {key: getattr(options, name) for name, key in INI_NAMES.items() if getattr(options, name)}
