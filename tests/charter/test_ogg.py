"""The links of Ogg files."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from davproxy.charter.signal import ogg
from davproxy.errors import BadAudio
from tests.charter import forms
from tests.examples import at_most

PARTS = {"a.ogg": (44100, None), "b.ogg": (22050, None), "c.opus": (48000, "OPUS")}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("parts")
    return [
        forms.libsndfile(folder / name, forms.bursts(1.0, rate=rate), rate, subtype).read_bytes()
        for name, (rate, subtype) in PARTS.items()
    ]


@given(st.lists(st.sampled_from(range(len(PARTS))), min_size=1, max_size=4), st.binary(max_size=40))
def test_every_file_of_a_chain_is_a_link(
    parts: list[bytes], tmp_path_factory: pytest.TempPathFactory, chosen: list[int], behind: bytes
) -> None:
    file = tmp_path_factory.mktemp("chain") / "a.ogg"
    whole = b"".join(parts[number] for number in chosen)
    file.write_bytes(whole + behind.replace(b"OggS", b""))
    found = ogg.links(file)
    assert [whole[link.start : link.stop] for link in found] == [parts[number] for number in chosen]
    assert all(link.ended for link in found)


def test_a_file_that_is_cut_has_no_end(parts: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "a.ogg").write_bytes(parts[0][:-100])
    [link] = ogg.links(tmp_path / "a.ogg")
    assert not link.ended


@settings(max_examples=at_most(60))
@given(st.data())
def test_a_changed_byte_is_noticed(
    parts: list[bytes], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(parts[0])
    content[data.draw(st.integers(60, len(content) - 200))] ^= data.draw(st.integers(1, 255))
    file = tmp_path_factory.mktemp("changed") / "a.ogg"
    file.write_bytes(content)
    try:
        assert not ogg.links(file)[-1].ended
    except BadAudio:
        return
