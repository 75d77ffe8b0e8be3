"""Tags: kept beside the lists, found by a search, and there again in an index that is made again."""

import pytest

from davproxy.app import Core
from davproxy.curation.tags import TAGS
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
