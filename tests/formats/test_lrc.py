"""Lyrics with times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats import lrc
from davproxy.formats.lrc import Line, Word

CENTISECONDS = st.integers(0, 99 * 6000)
WORDS = st.lists(
    st.text("abcdefghäßñжの&'-!", min_size=1, max_size=8).filter(lambda word: word.strip("-'!")), max_size=6
)


def texts(line: Line) -> list[str]:
    return [word.text for word in line.words]


def stamp(centiseconds: int, brackets: str = "[]") -> str:
    minutes, rest = divmod(centiseconds, 6000)
    return f"{brackets[0]}{minutes:02}:{rest // 100:02}.{rest % 100:02}{brackets[1]}"


def test_a_usual_file() -> None:
    found = lrc.parse(
        b"\xef\xbb\xbf[ar:Somebody]\r\n[ti:Something]\r\n[length: 3:10]\r\n\r\n"
        b"[00:12.50]First line\r\n[01:02.5]Second, longer line\r\n[01:10]\r\nno time\r\n[x:y] z\r\n"
    )
    assert [(line.seconds, texts(line)) for line in found] == [
        (12.5, ["First", "line"]), (62.5, ["Second,", "longer", "line"]), (70.0, []),
    ]  # fmt: skip


def test_a_line_that_comes_again_is_written_once() -> None:
    found = lrc.parse(b"[00:30.00][00:10.00]Again\n[00:20.00]Between")
    assert [(line.seconds, texts(line)) for line in found] == [
        (10.0, ["Again"]), (20.0, ["Between"]), (30.0, ["Again"]),
    ]  # fmt: skip


@pytest.mark.parametrize(("offset", "seconds"), [("+500", 9.5), ("500", 9.5), ("-500", 10.5), (" 20000 ", -10.0)])
def test_a_positive_offset_is_earlier(offset: str, seconds: float) -> None:
    (line,) = lrc.parse(f"[00:10.00]<00:10.50>Word\n[offset:{offset}]".encode())
    assert (line.seconds, line.words[0].seconds) == (seconds, seconds + 0.5)


def test_words_have_times_of_their_own() -> None:
    (line,) = lrc.parse(b"[00:10.00] <00:10.04> When <00:10.60>the truth <00:12.00>")
    assert line == Line(10.0, (Word("When", 10.04), Word("the", 10.6), Word("truth")), 12.0)
    (line,) = lrc.parse(b"[00:10.00]When [00:10.60]the <00:11.00>truth")
    assert line == Line(10.0, (Word("When"), Word("the", 10.6), Word("truth", 11.0)))


@pytest.mark.parametrize(
    ("row", "joined"),
    [
        ("<00:10.00>Hel<00:10.20>lo <00:11.00>you", ["Hel"]),
        ("Hel<00:10.20>lo<00:11.00>", ["Hel"]),
        ("<00:10.00>e<00:10.20><00:10.30>ve<00:11.00>ry one", ["e", "ve"]),
        ("<00:10.00>When <00:10.20>the<00:11.00> truth - <00:12.00>is <00:12.50>", []),
        ("<00:10.00>When -<00:10.20>the <00:10.30>♪<00:11.00>truth", []),
    ],
)
def test_syllables_of_a_word_are_joined(row: str, joined: list[str]) -> None:
    (line,) = lrc.parse_text(f"[00:10.00]{row}")
    assert [word.text for word in line.words if word.joined] == joined


def test_words_of_a_line_that_comes_again_move_with_it() -> None:
    found = lrc.parse(b"[00:10.00][00:30.00]<00:10.00>One <00:11.00>two <00:12.00>")
    assert [[word.seconds for word in line.words] + [line.end] for line in found] == [[10, 11, 12], [30, 31, 32]]


@pytest.mark.parametrize("sign", ["♪", "♪ ♫", "-", "…", "***"])
def test_signs_alone_are_not_sung(sign: str) -> None:
    assert lrc.parse(f"[00:01.00]{sign}".encode()) == (Line(1.0),)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_is_read(codec: str) -> None:
    (line,) = lrc.parse("[00:01.00]Für Élise\r\n".encode(codec))
    assert texts(line) == ["Für", "Élise"]


@given(st.lists(st.tuples(CENTISECONDS, WORDS), max_size=20), st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_is_written_is_read(lines: list[tuple[int, list[str]]], newline: str) -> None:
    text = newline.join(f"{stamp(time)} {' '.join(words)}" for time, words in lines)
    expected = sorted(((time / 100, words) for time, words in lines), key=lambda line: line[0])
    found = lrc.parse(text.encode())
    assert [texts(line) for line in found] == [words for _, words in expected]
    assert [line.seconds for line in found] == pytest.approx([time for time, _ in expected])


@given(st.lists(CENTISECONDS, min_size=1, max_size=8))
def test_times_of_words_that_are_written_are_read(times: list[int]) -> None:
    text = stamp(times[0]) + "".join(f"{stamp(time, '<>')}word " for time in times)
    (line,) = lrc.parse(text.encode())
    assert [word.seconds for word in line.words] == pytest.approx([time / 100 for time in times])


@given(st.binary(max_size=300) | st.text("[]<>0123456789:.offset \n", max_size=120).map(str.encode))
def test_any_bytes_are_read(data: bytes) -> None:
    found = lrc.parse(data)
    assert [line.seconds for line in found] == sorted(line.seconds for line in found)


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "[00:01.00]" * 90_000 + "x " * 90_000, "[0:" * 90_000, "<0:0" * 90_000]
)
def test_a_long_file_of_rubbish_costs_little(text: str) -> None:
    assert len(lrc.parse(text.encode())) <= lrc.MOST_LINES


@pytest.mark.parametrize(
    ("song", "files", "alone", "found"),
    [
        (["x.ogg"], ["x.lrc", "y.lrc"], False, "x.lrc"),
        (["x.ogg"], ["X.LRC"], False, "X.LRC"),
        (["x.ogg"], ["y.lrc"], False, ""),
        (["x.ogg"], ["y.lrc"], True, "y.lrc"),
        (["x.ogg"], ["y.lrc", "z.lrc"], True, ""),
        (["x.ogg"], ["lyrics.lrc", "z.lrc"], True, "lyrics.lrc"),
        (["x.ogg"], ["x.txt", "lyrics.lrc"], True, "lyrics.lrc"),
        (["x.ogg"], ["x.txt", "readme.txt"], True, "x.txt"),
        (["x.ogg"], ["readme.txt"], True, ""),
        (["a/x.ogg"], ["b/x.lrc", "x.lrc"], True, ""),
        (["a/guitar.ogg", "a/vocals.ogg"], ["a/vocals.lrc"], False, "a/vocals.lrc"),
        (["X - Drums.wav", "X - Bass.wav"], ["x.lrc", "y.lrc"], False, "x.lrc"),
    ],
)
def test_which_file_beside_audio_has_its_lyrics(song: list[str], files: list[str], alone: bool, found: str) -> None:
    assert lrc.beside(song, files, alone=alone) == found
