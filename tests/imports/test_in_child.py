"""The functions that run in a child, which `child.run` is given by name."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from davproxy import audio_tags, notes_child, pictures
from davproxy.charter import generate
from davproxy.imports import chart_audio
from davproxy.imports.archives import unpack
from davproxy.library import album_art, chart_facts


@pytest.mark.parametrize(
    ("name", "function"),
    [
        (unpack.IN_CHILD, unpack.unpack_in_child),
        (audio_tags.IN_CHILD, audio_tags.read_in_child),
        (chart_audio.IN_CHILD, generate.run),
        (chart_facts.IN_CHILD, notes_child.read_notes),
        (album_art.IN_CHILD, pictures.write_album_art),
    ],
    ids=["unpack", "audio_tags", "chart_audio", "chart_facts", "album_art"],
)
def test_the_name_is_that_of_the_function(name: str, function: Callable[..., Any]) -> None:
    module, _, attribute = name.partition(":")
    assert getattr(importlib.import_module(module), attribute) is function
