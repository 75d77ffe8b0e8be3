"""/api/duplicates: songs that may be in the library twice, and what to do with them."""

from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.curation.duplicates import DUPLICATES, Group
from davproxy.model import Song
from webui.api.jobs import as_json, respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import Input, Wait
from webui.api.song_shapes import SongSummary
from webui.api.step_shapes import Plan
from webui.services import services

blueprint = APIBlueprint("duplicates", __name__, url_prefix="/api/duplicates", tag="Duplicates")

Id = Annotated[str, Field(pattern="^[0-9a-f]{16}$", description="The id of a group.")]


class GroupQuery(Input):
    """Which groups."""

    kind: Literal["notes", "song"] | None = Field(
        None, description="`notes`: the same notes; `song`: the same names, other notes."
    )
    limit: int = Field(50, ge=1, le=200)
    offset: int = Field(0, ge=0, lt=2**31)


class DuplicateSong(SongSummary):
    """A song of a group, with what makes it better or worse than the others."""

    files: dict[str, int] = Field(description="Bytes by file name.")
    tracks: int = Field(description="Charts: instruments times difficulties.")
    identity: str = Field(description="MD5 of the notes file.")
    lists: list[str] = Field(description="The lists that hold it.")


class DuplicateGroup(BaseModel):
    """Songs that may be one too many, the best first."""

    id: str
    kind: Literal["notes", "song"]
    names: str
    keep: int = Field(description="The song that is suggested to be kept.")
    reason: str = Field(description="Why.")
    songs: list[DuplicateSong]


class DuplicatePage(BaseModel):
    """One page of groups. `total` counts all."""

    total: int
    limit: int
    offset: int
    groups: list[DuplicateGroup]


class Spelling(BaseModel):
    """An artist as some songs spell it."""

    artist: str
    songs: int


class Spellings(BaseModel):
    """Artists that are spelled in several ways, the commonest spelling first. An edit of many songs merges them."""

    artists: list[list[Spelling]]


class ChoiceShape(Input):
    """What to do with a group: keep the best song, or merge the others into it first."""

    group: Id
    action: Literal["keep_best", "merge"]
    keep: int | None = Field(None, ge=0, lt=2**63, description="The song to keep; else the suggested one.")


class Choices(Input):
    """What to do with some groups."""

    choices: list[ChoiceShape] = Field(min_length=1, max_length=5000)
    dry_run: bool = Field(False, description="List what would be done, and do nothing.")


class KeepAll(Input):
    """Groups that are no duplicates."""

    groups: list[Id] = Field(min_length=1, max_length=5000)


class KeptAll(BaseModel):
    """How many groups are kept as they are."""

    kept: int
    message: str


@blueprint.get("")
@blueprint.input(GroupQuery, location="query", arg_name="query")
@blueprint.output(DuplicatePage)
def list_duplicates(query: GroupQuery) -> DuplicatePage:
    """Groups of songs that may be duplicates, with a suggestion for each."""
    groups = [each for each in services().curation.duplicates.groups() if query.kind in (None, each.kind)]
    page = groups[query.offset : query.offset + query.limit]
    shapes = [_group(each) for each in page]
    return DuplicatePage(total=len(groups), limit=query.limit, offset=query.offset, groups=shapes)


@blueprint.get("/artists")
@blueprint.output(Spellings)
def list_spellings() -> Spellings:
    """Artists that are spelled in several ways."""
    found = services().curation.duplicates.spellings()
    return Spellings(artists=[[Spelling(artist=artist, songs=count) for artist, count in each] for each in found])


@blueprint.post("/resolve")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(Choices, arg_name="wanted")
@blueprint.output(Plan)
@blueprint.doc(responses=ACCEPTED)
def resolve_duplicates(how: Wait, wanted: Choices) -> Response:
    """Keep one song of each group, by one job that `POST /api/jobs/{job_id}/undo` undoes.

    The others go to the trash bin. In lists, the kept song takes their place.
    """
    options: dict[str, Any] = {"choices": [choice.model_dump() for choice in wanted.choices]}
    steps = services().curation.steps
    if wanted.dry_run:
        return as_json(Plan.of(steps.plan(DUPLICATES, options)), 200)
    return respond(steps.start(DUPLICATES, options), how, Plan.of_job)


@blueprint.post("/keep")
@blueprint.input(KeepAll, arg_name="wanted")
@blueprint.output(KeptAll)
def keep_duplicates(wanted: KeepAll) -> KeptAll:
    """Keep all songs of some groups. It is remembered on the remote, until a song of the group comes or goes."""
    kept = services().curation.duplicates.keep(wanted.groups)
    return KeptAll(kept=kept, message=f"{kept} {'group stays as it is' if kept == 1 else 'groups stay as they are'}.")


def _group(group: Group) -> DuplicateGroup:
    duplicates = services().curation.duplicates
    songs = duplicates.songs(group)
    suggestion = duplicates.suggestion(songs)
    return DuplicateGroup(
        id=group.id,
        kind=group.kind,
        names=group.names,
        keep=suggestion.id,
        reason=suggestion.reason,
        songs=[_song(song) for song in songs],
    )


def _song(song: Song) -> DuplicateSong:
    tracks = len((song.chart or {}).get("tracks", []))
    return DuplicateSong(
        **SongSummary.of(song).model_dump(),
        files=dict(song.files),
        tracks=tracks,
        identity=song.identity,
        lists=services().curation.lists.lists_with(song),
    )
