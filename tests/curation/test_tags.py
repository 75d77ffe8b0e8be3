"""Tags: kept beside the lists, found by a search, and there again in an index that is made again."""

import codecs

import pytest

from davproxy.app import Core
from davproxy.curation.tags import TAGS
from davproxy.curation.text_file import MOST_BYTES, TextFile
from davproxy.errors import BadInput
from davproxy.model import Song, SongQuery
from tests.curation.conftest import add_files
from tests.webui.songs import chart, ini, tone


def add(core: Core, title: str, notes: int) -> Song:
    """A song of the library, with its notes read."""
    return add_files(core, title, {"song.wav": tone(), "notes.chart": chart(notes), "song.ini": ini(name=title)})


def found(core: Core, search: str) -> list[str]:
    core.curation.player_files.refresh()
    return [song.title for song in core.library.songs.find(SongQuery(search=search))[1]]


def test_songs_are_tagged_found_and_untagged(core: Core) -> None:
    one, two, three = add(core, "One", 60), add(core, "Two", 70), add(core, "Three", 80)
    tags = core.curation.tags
    tags.add("warm up", [one, two])
    tags.add(" Warm  UP ", [one])
    tags.add("Encore", [two])
    assert found(core, 'tag:"warm up"') == ["One", "Two"]
    assert found(core, "tag:WARM*") == ["One", "Two"]
    assert found(core, "-tag:encore") == ["One", "Three"]
    assert tags.names() == [("Encore", 1), ("warm up", 2)]
    assert core.library.songs.get(two.id).tags == ("Encore", "warm up")
    tags.remove("WARM UP", [one, two, three])
    assert found(core, "tag:warm*") == []
    assert core.library.tree.read(TAGS).decode() == f"{two.identity}\tEncore\t– Two\n"


def test_tags_survive_a_rename_an_index_that_is_made_again_and_an_edit_of_the_file(core: Core) -> None:
    one = add(core, "One", 60)
    core.curation.tags.add("party", [one])
    core.library.tree.move(one.path, "/Songs/Elsewhere")
    core.index.marks.forget(TAGS)
    core.library.tree.write(TAGS, core.library.tree.read(TAGS).replace(b"party", b"party, by hand"))
    assert found(core, 'tag:"by hand" tag:party') == ["One"]


def test_a_new_version_has_the_tags_of_the_old_one(core: Core) -> None:
    old, new = add(core, "One", 60), add(core, "One again", 80)
    core.curation.tags.add("party", [old])
    core.curation.lists.follow(old, new)
    assert found(core, "tag:party") == ["One", "One again"]


@pytest.mark.parametrize("tag", ["", " ", "a,b", 'a"b', "x" * 61, "a\x00b"])
def test_what_is_no_tag_is_refused(tag: str, core: Core) -> None:
    with pytest.raises(BadInput):
        core.curation.tags.add(tag, [add(core, "One", 60)])


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"no tabs\n\n\t\t\t\n", b"f" * 100_000])
def test_a_file_that_somebody_wrote_otherwise_is_read_as_far_as_it_goes(content: bytes, core: Core) -> None:
    one = add(core, "One", 60)
    core.library.tree.write(TAGS, content)
    assert found(core, "tag:*") == []
    core.curation.tags.add("party", [one])
    assert found(core, "tag:*") == ["One"]


COMMENT = "# my own: ♫"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (codecs.BOM_UTF16_LE + COMMENT.encode("utf-16-le"), "utf-16"),
        (f"\ufeff{COMMENT}\r\n".encode(), "utf-8-sig"),
        (b"# d\xe9j\xe0\x81 vu\n", "cp1252"),
    ],
)
def test_a_tag_keeps_the_encoding_and_what_is_not_understood(before: bytes, after: str, core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    core.library.tree.write(TAGS, before)
    core.curation.tags.add("party", [one, two])
    core.curation.tags.remove("party", [two])
    content = core.library.tree.read(TAGS)
    assert content.startswith(before)
    assert content[len(before) :].decode(after.replace("16", "16-le")).split() == [one.identity, "party", "–", "One"]


def test_a_line_by_hand_that_another_song_has_is_left_as_it_is(core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    line = f'{one.identity.upper()}\tb ,a,{"x" * 99},q"q\tsome  name\textra\n'
    core.library.tree.write(TAGS, line.encode())
    core.curation.tags.add("party", [two])
    assert core.library.tree.read(TAGS).decode() == f"{line}{two.identity}\tparty\t– Two\n"


def test_what_another_program_writes_between_is_kept(core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    asked: list[list[str]] = []

    def edit(lines: list[str]) -> list[str]:
        asked.append(lines)
        if len(asked) == 1:
            core.library.tree.write(TAGS, f"{one.identity}\tby hand\t\n".encode())
        return [*lines, f"{two.identity}\tparty\t"]

    TextFile(core.library, TAGS).change(edit)
    assert found(core, "tag:*") == ["One", "Two"]
    assert asked == [[], [f"{one.identity}\tby hand\t"]]


def test_a_file_that_is_too_large_is_not_read_and_not_replaced(core: Core) -> None:
    one = add(core, "One", 60)
    core.library.tree.write(TAGS, b"#" * (MOST_BYTES + 1))
    assert found(core, "tag:*") == []
    assert "at most 8 MiB" in core.curation.player_files.problem(TAGS)
    with pytest.raises(BadInput):
        core.curation.tags.add("party", [one])


def test_a_song_with_more_tags_by_hand_can_lose_one_and_hand_them_on(core: Core) -> None:
    one, two = add(core, "One", 60), add(core, "Two", 70)
    tags = [*map(str, range(60)), "x" * 61, 'a"b']
    core.library.tree.write(TAGS, f"{one.identity}\t{','.join(tags)}".encode())
    core.curation.tags.remove("3", [one])
    with pytest.raises(BadInput, match="at most 50"):
        core.curation.tags.add("more", [one])
    core.curation.tags.follow(one, two)
    assert found(core, "tag:59") == ["One", "Two"]
    assert len(core.library.songs.get(two.id).tags) == 61
