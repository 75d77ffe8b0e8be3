"""/api/lists: setlists of the library, which games read from /Setlists."""

from collections.abc import Sequence
from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.curation import list_export, lists
from davproxy.curation.list_files import HIGHEST_SPEED, LOWEST_SPEED, PLAYLIST, SETLIST, ListEntry
from davproxy.curation.lists import SongList
from davproxy.curation.tiers import MOST_TIERS, TIERS
from davproxy.errors import BadInput
from davproxy.model import FAVOURITES, Song
from webui.api.if_match import expected_etag
from webui.api.jobs import as_json, respond
from webui.api.openapi import ACCEPTED, HEADERS, binary, header
from webui.api.shapes import Input, SongId, Wait
from webui.api.song_shapes import SongSummary
from webui.api.step_shapes import Plan
from webui.downloads import named
from webui.services import services

blueprint = APIBlueprint("lists", __name__, url_prefix="/api/lists", tag="Lists")

Name = Field(min_length=1, max_length=120, description="The name, which is that of the list's files.")


class ListSummary(BaseModel):
    """A list in short."""

    name: str
    songs: int = Field(description="All songs, also those that are not in the library.")
    missing: int = Field(description="Songs that are not in the library.")
    length: int = Field(description="Milliseconds that it takes to play, at the speeds of the list.")
    is_favourites: bool = Field(description="The list of the songs with a star.")
    problem: str = Field(description="Why a file of the list cannot be read; empty where both can.")
    etag: str

    @classmethod
    def of(cls, found: SongList) -> "ListSummary":
        """The summary of a list."""
        return cls(**_summary(found))


class ListedSong(BaseModel):
    """A song of a list."""

    md5: str = Field(description="MD5 of the notes file; empty where only YARG's hash is known.")
    sha1: str = Field(description="SHA-1 of the notes file; empty where only Clone Hero's hash is known.")
    speed: int = Field(description="Percent.")
    song: SongSummary | None = Field(description="The song, or null where the library does not have it.")


class ListDetail(ListSummary):
    """A list with its songs in order."""

    entries: list[ListedSong]

    @classmethod
    def of(cls, found: SongList) -> "ListDetail":
        """The shape of a list."""
        entries = [
            ListedSong(md5=entry.md5, sha1=entry.sha1, speed=entry.speed, song=SongSummary.of(song) if song else None)
            for entry, song in zip(found.entries, found.songs, strict=True)
        ]
        return cls(**_summary(found), entries=entries)


class AllLists(BaseModel):
    """Every list, the favourites first."""

    lists: list[ListSummary]


class Position(Input):
    """A song of a list, by its id, or by the hashes that the list gave for it."""

    id: SongId | None = Field(None, description="A song of the library.")
    md5: str = Field("", pattern="^([0-9A-Fa-f]{32})?$")
    sha1: str = Field("", pattern="^([0-9A-Fa-f]{40})?$")
    speed: int = Field(100, ge=LOWEST_SPEED, le=HIGHEST_SPEED)

    def entry(self) -> ListEntry:
        """What the list holds. Raises NotFound, BadInput."""
        if self.id is not None:
            song = _require_hashes(services().library.songs.get(self.id))
            return ListEntry(song.identity, song.sha1, self.speed)
        if not (self.md5 or self.sha1):
            raise BadInput("entries: give the id of a song, or its md5 or sha1.")
        return ListEntry(self.md5.lower(), self.sha1.lower(), self.speed)


class NewList(Input):
    """A new list."""

    name: str = Name
    ids: list[SongId] = Field([], max_length=lists.MOST_SONGS, description="Songs of the library, in order.")


class ListEdit(Input):
    """What changes: the name, the songs, or both."""

    name: str | None = Field(None, min_length=1, max_length=120)
    entries: list[Position] | None = Field(None, max_length=lists.MOST_SONGS, description="All songs, in order.")


class Chosen(Input):
    """Songs of the library."""

    ids: list[SongId] = Field(min_length=1, max_length=lists.MOST_SONGS)

    def songs(self) -> list[Song]:
        """The songs. Raises NotFound."""
        return [services().library.songs.get(id) for id in self.ids]


class NewTiers(Input):
    """Lists from easy to hard."""

    name: str = Field(min_length=1, max_length=110, description="The tiers are `NAME 1`, the easiest, `NAME 2` …")
    list: str = Field("", max_length=120, description="The list whose songs they hold; else `ids`, else all songs.")
    ids: Sequence[SongId] = Field([], max_length=lists.MOST_SONGS)
    instrument: str = Field("guitar", max_length=40, description="Whose hardest chart counts.")
    tiers: int = Field(5, ge=2, le=MOST_TIERS, description="How many, with alike many songs.")
    dry_run: bool = Field(False, description="Show every list, and make none.")


class ListDeleted(BaseModel):
    """The end of a list."""

    message: str


class Export(Input):
    """As what."""

    format: Literal["setlist", "json", "csv", "txt"] = Field(
        "csv", description="Clone Hero's file, YARG's file, a table, or a text for people."
    )


@blueprint.get("")
@blueprint.output(AllLists)
def list_lists() -> AllLists:
    """All lists."""
    found = services().curation.lists
    return AllLists(lists=[ListSummary.of(found.get(name)) for name in found.names()])


@blueprint.post("")
@blueprint.input(NewList, arg_name="new")
@blueprint.output(ListDetail, status_code=201)
def create_list(new: NewList) -> ListDetail:
    """Make a list. It is written as a file for Clone Hero and one for YARG."""
    songs = [_require_hashes(services().library.songs.get(id)) for id in new.ids]
    entries = [ListEntry(song.identity, song.sha1) for song in songs]
    return ListDetail.of(services().curation.lists.create(new.name, entries))


@blueprint.post("/tiers")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(NewTiers, arg_name="new")
@blueprint.output(Plan)
@blueprint.doc(responses=ACCEPTED)
def make_tiers(how: Wait, new: NewTiers) -> Response:
    """Split songs into lists from easy to hard, by notes a second, as a career has them: one job, which
    `POST /api/jobs/{job_id}/undo` undoes."""
    options: dict[str, Any] = new.model_dump(mode="json", exclude={"dry_run"})
    steps = services().curation.steps
    if new.dry_run:
        return as_json(Plan.of(steps.plan(TIERS, options)), 200)
    return respond(steps.start(TIERS, options), how, Plan.of_job)


@blueprint.get("/<name>")
@blueprint.output(ListDetail)
def read_list(name: str) -> tuple[ListDetail, dict[str, str]]:
    """A list with its songs."""
    return _list_with_etag(name)


@blueprint.put("/<name>")
@blueprint.input(ListEdit, arg_name="edit")
@blueprint.output(ListDetail)
@blueprint.doc(extensions={HEADERS: [header("If-Match", "The list's ETag, as it was read.")]})
def edit_list(name: str, edit: ListEdit) -> tuple[ListDetail, dict[str, str]]:
    """Rename a list, or give it other songs, another order or other speeds.

    With If-Match, a list that was changed elsewhere meanwhile is not overwritten: 412.
    """
    found = services().curation.lists
    if edit.entries is not None:
        etag = expected_etag(found.get(name).etag)
        found.save(name, [position.entry() for position in edit.entries], etag=etag)
    if edit.name is not None and edit.name != name:
        found.rename(name, edit.name)
        name = edit.name
    return _list_with_etag(name)


@blueprint.delete("/<name>")
@blueprint.output(ListDeleted)
def delete_list(name: str) -> ListDeleted:
    """Delete a list, to the trash bin where there is one. Its songs stay."""
    services().curation.lists.delete(name)
    return ListDeleted(message=f"“{name}” is deleted. Its songs stay in the library.")


@blueprint.post("/<name>/songs")
@blueprint.input(Chosen, arg_name="chosen")
@blueprint.output(ListDetail)
def add_to_list(name: str, chosen: Chosen) -> tuple[ListDetail, dict[str, str]]:
    """Add songs at the end of a list, each once. A list that is missing is made: `Favourites` has the starred songs."""
    services().curation.lists.add(name, list(map(_require_hashes, chosen.songs())))
    return _list_with_etag(name)


@blueprint.post("/<name>/songs/remove")
@blueprint.input(Chosen, arg_name="chosen")
@blueprint.output(ListDetail)
def remove_from_list(name: str, chosen: Chosen) -> tuple[ListDetail, dict[str, str]]:
    """Remove songs from a list. They stay in the library."""
    services().curation.lists.remove(name, chosen.songs())
    return _list_with_etag(name)


@blueprint.get("/<name>/export")
@blueprint.input(Export, location="query", arg_name="how")
@blueprint.doc(responses=binary(200, "application/octet-stream", "text/csv", "text/plain"))
def export_list(name: str, how: Export) -> Response:
    """The list as a file."""
    found = services().curation.lists.get(name)
    if how.format in ("setlist", "json"):
        ending = SETLIST if how.format == "setlist" else PLAYLIST
        content, kind = services().library.tree.read(lists.path_of(name, ending)), "application/octet-stream"
    elif how.format == "csv":
        content, kind = list_export.as_csv(found).encode("utf-8-sig"), "text/csv; charset=utf-8"
    else:
        content, kind = list_export.as_text(found).encode(), "text/plain; charset=utf-8"
    return named(Response(content, content_type=kind), f"{name}.{how.format}")


def _list_with_etag(name: str) -> tuple[ListDetail, dict[str, str]]:
    found = ListDetail.of(services().curation.lists.get(name))
    return found, {"ETag": f'"{found.etag}"'}


def _require_hashes(song: Song) -> Song:
    """`song`, if it has the hashes that lists hold. Raises BadInput."""
    if not song.identity:
        raise BadInput(f"The notes of “{song.title}” are not read yet, or it has none. Try it again in a moment.")
    return song


def _summary(found: SongList) -> dict[str, Any]:
    return {
        "name": found.name,
        "songs": len(found.entries),
        "missing": found.missing,
        "length": found.length,
        "is_favourites": found.name == FAVOURITES,
        "problem": found.problem,
        "etag": found.etag,
    }
