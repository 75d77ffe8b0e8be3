"""/api/fill-in: what songs lack, proposed from what is known elsewhere, and filled in once it is accepted."""

from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from davproxy.curation.fill_in.fill_in import FILL_IN, ProposalsForSong
from davproxy.curation.fill_in.proposals import Proposal
from webui.api.jobs import as_json, respond
from webui.api.openapi import ACCEPTED
from webui.api.shapes import Input, JobShape, SongId, Wait
from webui.api.step_shapes import Plan
from webui.services import services

blueprint = APIBlueprint("fill_in", __name__, url_prefix="/api/fill-in", tag="Fill in")

FieldName = Literal["name", "artist", "album", "year", "genre", "album_track", "art", "lyrics"]


class LookWanted(Input):
    """Which songs to look for."""

    ids: list[SongId] = Field([], max_length=40_000, description="Songs; none for all that lack something.")


class ProposalQuery(Input):
    """Which songs of what was found."""

    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, lt=2**31)


class ProposalShape(BaseModel):
    """What a field that the song lacks may be."""

    field: FieldName
    value: str = Field(description="The text; for art a path of the tree or an address.")
    confidence: float = Field(ge=0, le=1)
    source: str = Field(description="Who says so, with commas between several.")
    reason: str

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalShape":
        """The shape of `proposal`."""
        return cls.model_validate(proposal.as_json())


class SongProposals(BaseModel):
    """A song, and what is proposed for it."""

    id: int
    path: str
    title: str
    artist: str
    proposals: list[ProposalShape]

    @classmethod
    def of(cls, found: ProposalsForSong) -> "SongProposals":
        """The shape of `found`."""
        proposals = [ProposalShape.of(each) for each in found.proposals]
        return cls(id=found.id, path=found.path, title=found.title, artist=found.artist, proposals=proposals)


class ProposalPage(BaseModel):
    """One page of what a job found. `total` counts all songs for which something is proposed."""

    total: int
    limit: int
    offset: int
    job: JobShape
    songs: list[SongProposals]


class Accepted(Input):
    """What is accepted of what a job found."""

    job: str = Field(max_length=40, description="The job that looked.")
    least: float = Field(0, ge=0, le=1, description="The least confidence of what is filled in.")
    choices: list[tuple[SongId, FieldName]] = Field(
        [], max_length=100_000, description="Songs and fields; none for everything that is proposed."
    )
    dry_run: bool = Field(False, description="List what would be filled in, and do nothing.")


@blueprint.post("/proposals")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(LookWanted, arg_name="wanted")
@blueprint.output(JobShape)
@blueprint.doc(responses=ACCEPTED)
def look_for_proposals(how: Wait, wanted: LookWanted) -> Response:
    """Look for album, year, genre, track, art and lyrics that songs lack. Nothing is changed."""
    return respond(services().curation.fill_in.look(wanted.ids), how, JobShape.of)


@blueprint.get("/proposals/<job_id>")
@blueprint.input(ProposalQuery, location="query", arg_name="query")
@blueprint.output(ProposalPage)
def list_proposals(job_id: str, query: ProposalQuery) -> ProposalPage:
    """What a job found so far."""
    found = services().curation.fill_in.proposals(job_id)
    page = found[query.offset : query.offset + query.limit]
    return ProposalPage(
        total=len(found),
        limit=query.limit,
        offset=query.offset,
        job=JobShape.of(services().jobs.get(job_id)),
        songs=[SongProposals.of(each) for each in page],
    )


@blueprint.post("")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.input(Accepted, arg_name="wanted")
@blueprint.output(Plan)
@blueprint.doc(responses=ACCEPTED)
def fill_in_songs(how: Wait, wanted: Accepted) -> Response:
    """Fill in what is accepted, by one job that `POST /api/jobs/{job_id}/undo` undoes.

    What a song has by now is never overwritten, and notes are never touched.
    """
    options: dict[str, Any] = wanted.model_dump(mode="json", exclude={"dry_run"})
    steps = services().curation.steps
    if wanted.dry_run:
        return as_json(Plan.of(steps.plan(FILL_IN, options)), 200)
    return respond(steps.start(FILL_IN, options), how, Plan.of_job)
