"""The header in the first frame of an mp3."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.charter.signal import mp3
from tests.charter import forms


@pytest.mark.parametrize("channels", [1, 2])
def test_the_length_without_the_encoders_delay(channels: int, tmp_path: Path) -> None:
    for file in (
        forms.ffmpeg(tmp_path / "a.mp3", forms.bursts(6, channels), "libmp3lame"),
        forms.libsndfile(tmp_path / "b.mp3", forms.bursts(6, channels)),
        forms.libsndfile(tmp_path / "c.mp3", forms.bursts(6, channels, 22050), 22050),
    ):
        info = mp3.info(file)
        assert info is not None
        assert info.has_delay
        assert info.seconds == pytest.approx(6, abs=0.001)


def test_a_header_without_the_encoders_name_has_no_delay(tmp_path: Path) -> None:
    file = forms.damage(forms.ffmpeg(tmp_path / "a.mp3", forms.bursts(6), "libmp3lame"), forms.without_lame)
    info = mp3.info(file)
    assert info is not None
    assert not info.has_delay
    assert info.seconds == pytest.approx(6, abs=0.1)


def test_an_mp3_without_a_header(tmp_path: Path) -> None:
    assert mp3.info(forms.ffmpeg(tmp_path / "a.mp3", forms.bursts(6), "libmp3lame", xing="0")) is None


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes) -> None:
    file = tmp_path_factory.mktemp("mp3") / "a.mp3"
    file.write_bytes(b"\xff\xfb\x90\x00" + bytes(32) + b"Xing" + content if len(start) % 2 else start + content)
    info = mp3.info(file)
    assert info is None or info.seconds < 2**32 * 1152 / 8000
