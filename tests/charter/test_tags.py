"""Title, artist and cover: from tags, else from the file's name."""

# mypy: disable-error-code="no-untyped-call"

import base64
import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TIT2, TPE1, USLT
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE
from PIL import Image

from davproxy.charter.output import art, info_list, tags
from davproxy.charter.signal.features import spectral_features
from tests.charter import music


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (700, 500), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


def sound(file: Path) -> Path:
    soundfile.write(file, music.pluck(50, 1.0), music.RATE)
    return file


@pytest.mark.parametrize(
    ("name", "artist", "title"),
    [
        ("Artist - Title", "Artist", "Title"),
        ("03 - Artist - Title", "Artist", "Title"),
        ("07. Some_Band_-_A_Song", "Some Band", "A Song"),
        ("Just a title", "", "Just a title"),
        ("99 Red Balloons", "", "99 Red Balloons"),
        ("Some Artist - A Title (Official Music Video) [dQw4w9WgXcQ]", "Some Artist", "A Title"),
        ("A - B [Official Lyric Video] 4K", "A", "B"),
        ("A - B (Live at Wembley)", "A", "B (Live at Wembley)"),
        ("A - B (Acoustic Version) [HD]", "A", "B (Acoustic Version)"),
        ("A - B [alternative]", "A", "B [alternative]"),
        ("A - Video Killed (Video)", "A", "Video Killed"),
        ("(Official Video)", "", "(Official Video)"),
        (" - ", "", "-"),
        ("", "", "Untitled"),
    ],
)
def test_names(name: str, artist: str, title: str) -> None:
    assert tags.from_name(name) == (artist, title)


@given(st.text(max_size=80))
def test_any_name_has_a_title(name: str) -> None:
    artist, title = tags.from_name(name)
    assert title.strip() == title != ""
    assert artist.strip() == artist


def test_id3_and_its_front_cover(tmp_path: Path) -> None:
    sound(tmp_path / "x.mp3")
    file = ID3()
    for tag in (
        TIT2(text=["The Title"]),
        TPE1(text=["Somebody"]),
        APIC(mime="image/png", type=4, desc="back", data=b"back"),
        APIC(mime="image/png", type=3, desc="front", data=picture()),
    ):
        file.add(tag)
    file.save(tmp_path / "x.mp3")
    found = tags.read([tmp_path / "x.mp3"], "Other - Name")
    assert (found.artist, found.title, found.cover) == ("Somebody", "The Title", picture())


def test_id3_of_either_version_says_no_encoding(tmp_path: Path) -> None:
    file = ID3()
    for frame, text in (TIT2, "青花瓷"), (TPE1, "周杰伦"):
        file.add(frame(encoding=0, text=[text.encode("gbk").decode("latin-1")]))
    file.save(sound(tmp_path / "x.mp3"), v1=0)
    field = "{:\0<30}".format
    old = "TAG" + field("Группа крови") + field("Кино") + field("") + "1988" + field("") + "\x11"
    (tmp_path / "y.mp3").write_bytes(sound(tmp_path / "y.mp3").read_bytes() + old.encode("cp1251"))
    found = [tags.read([tmp_path / name], "Other - Name") for name in ("x.mp3", "y.mp3")]
    assert [(tag.artist, tag.title) for tag in found] == [("周杰伦", "青花瓷"), ("Кино", "Группа крови")]


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-8"])
def test_a_wav_file_has_an_info_list(encoding: str, tmp_path: Path) -> None:
    texts = {b"INAM": "千本桜", b"IART": "初音ミク", b"ICRD": "2011"}
    info = b"INFO"
    for key, text in texts.items():
        data = text.encode(encoding) + b"\0"
        info += key + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    content = sound(tmp_path / "x.wav").read_bytes() + b"LIST" + struct.pack("<I", len(info)) + info
    (tmp_path / "x.wav").write_bytes(content[:4] + struct.pack("<I", len(content) - 8) + content[8:])
    found = tags.read([tmp_path / "x.wav"], "Other - Name")
    assert (found.artist, found.title, found.year) == ("初音ミク", "千本桜", "2011")


@given(st.binary(max_size=60), st.binary(max_size=80))
def test_a_damaged_info_list_gives_texts_or_none(chunks: bytes, texts: bytes) -> None:
    damaged = b"RIFF\0\0\0\0WAVE" + chunks + b"LIST" + struct.pack("<I", len(texts) + 4) + b"INFO" + texts
    assert set(info_list.read(io.BytesIO(damaged))) <= set(tags.TEXTS)
    assert info_list.read(io.BytesIO(texts)) == {}


def test_a_wav_file_has_id3(tmp_path: Path) -> None:
    file = WAVE(sound(tmp_path / "x.wav"))
    file.add_tags()
    file["TIT2"] = TIT2(encoding=0, text=["Æon"])
    file["TPE1"] = TPE1(encoding=1, text=["Кино"])
    file.save()
    found = tags.read([tmp_path / "x.wav"], "Other - Name")
    assert (found.artist, found.title) == ("Кино", "Æon")


def test_all_artists_of_a_list_are_kept(tmp_path: Path) -> None:
    file = OggVorbis(sound(tmp_path / "x.ogg"))
    file["title"], file["artist"] = "T (Official Video)", ["One", "Two"]
    file.save()
    found = tags.read([tmp_path / "x.ogg"], "A - B")
    assert (found.artist, found.title) == ("One, Two", "T")


def test_vorbis_comments_and_picture(tmp_path: Path) -> None:
    block = Picture()
    block.type, block.mime, block.data = 3, "image/png", picture()
    file = OggVorbis(sound(tmp_path / "x.ogg"))
    file["title"], file["date"] = "T", "2019-05-01"
    file["metadata_block_picture"] = base64.b64encode(block.write()).decode("ascii")
    file.save()
    found = tags.read([tmp_path / "x.ogg"], "A - B")
    assert (found.artist, found.title, found.year, found.cover) == ("A", "T", "2019", picture())


def test_flac_picture(tmp_path: Path) -> None:
    file = FLAC(sound(tmp_path / "x.flac"))
    block = Picture()
    block.type, block.data = 3, picture()
    file.add_picture(block)
    file.save()
    assert tags.read([tmp_path / "x.flac"], "B").cover == picture()


LYRICS = "[00:01.00]One\n[00:02.00]two"


def test_lyrics_with_times_are_read_from_id3_and_vorbis_comments(tmp_path: Path) -> None:
    sound(tmp_path / "x.mp3")
    id3 = ID3()
    id3.add(USLT(encoding=3, lang="eng", desc="plain", text="One two"))
    id3.add(USLT(encoding=3, lang="eng", desc="with times", text=LYRICS))
    id3.save(tmp_path / "x.mp3")
    ogg = OggVorbis(sound(tmp_path / "x.ogg"))
    ogg["lyrics"] = LYRICS
    ogg.save()
    flac = FLAC(sound(tmp_path / "x.flac"))
    flac["LYRICS"] = "Plain words"
    flac.save()
    found = [tags.read([tmp_path / name], "A - B").lyrics for name in ("x.mp3", "x.ogg", "x.flac")]
    assert found == [LYRICS, LYRICS, ""]


def test_a_file_without_tags(tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_bytes(b"ID3\x04\x00\x00\x7f\x7f\x7f\x7fbroken")
    assert tags.read([tmp_path / "x.mp3"], "A - B") == tags.Tags("B", "A")


def test_drawn_art_differs_by_song() -> None:
    features = spectral_features(music.band(120, 4)["guitar"])
    drawn = {art.draw(title, "Artist", features) for title in ("One", "Two", "千本桜", "x" * 300)}
    assert len(drawn) == 4
    for data in drawn:
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (512, 512)
            assert float(np.asarray(image).std()) > 10
