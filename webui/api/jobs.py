"""/api/jobs: list, read and cancel jobs; and the response of every operation that starts one."""

from collections.abc import Callable

from apiflask import APIBlueprint
from flask import Response, jsonify, request
from pydantic import BaseModel
from werkzeug.wrappers import Response as BaseResponse

from davproxy.curation.song_jobs import DELETE, EDIT
from davproxy.model import Job
from webui.api.openapi import ACCEPTED, response
from webui.api.shapes import JobList, JobShape, Wait
from webui.services import services

blueprint = APIBlueprint("jobs", __name__, url_prefix="/api/jobs", tag="Jobs")

LONGEST_WAIT = 1800.0
"""Seconds that a client waits at most for its job, which goes on after that."""


@blueprint.get("")
@blueprint.output(JobList)
@blueprint.doc(responses=response(304, "Nothing has changed since the ETag in If-None-Match."))
def list_jobs() -> BaseResponse:
    """The latest 100 jobs, newest first. With If-None-Match, 304 while nothing has changed."""
    jobs = [JobShape.of(job) for job in services().jobs.recent(100)]
    listing = jsonify(JobList(jobs=jobs).model_dump(mode="json"))
    listing.add_etag()
    return listing.make_conditional(request)


@blueprint.get("/<job_id>")
@blueprint.output(JobShape)
def read_job(job_id: str) -> JobShape:
    """One job."""
    return JobShape.of(services().jobs.get(job_id))


@blueprint.delete("/<job_id>")
@blueprint.output(JobShape)
def cancel_job(job_id: str) -> JobShape:
    """Cancel a job that waits or runs. A job that is over stays as it is."""
    return JobShape.of(services().jobs.cancel(job_id))


@blueprint.post("/<job_id>/undo")
@blueprint.input(Wait, location="query", arg_name="how")
@blueprint.output(JobShape)
@blueprint.doc(responses=ACCEPTED)
def undo_job(job_id: str, how: Wait) -> Response:
    """Undo a finished job that says `can_undo` in its result: a job again. What was changed since stays as it is."""
    core = services()
    undo = core.song_jobs.undo if core.jobs.get(job_id).kind in (EDIT, DELETE) else core.curation.steps.undo
    return respond(undo(job_id), how, JobShape.of)


def in_background(how: Wait) -> bool:
    """Whether the client wants the job at once: by `wait`, else by `Prefer: respond-async` (RFC 7240, 4.1)."""
    if "wait" in how.model_fields_set:
        return not how.wait
    preferences = request.headers.get("Prefer", "").split(",")
    return "respond-async" in {each.partition(";")[0].strip().lower() for each in preferences}


def outcome(job: Job, how: Wait) -> Job:
    """The job at its end; as it is now if the client does not wait for it, or too many requests wait already.

    Raises the error of a job that failed. The work goes on whether or not the client stays.
    """
    jobs, waiting = services().jobs, services().waiting
    if in_background(how):
        return jobs.get(job.id)
    if not waiting.acquire(blocking=False):
        return jobs.outcome(job.id, 0)
    try:
        return jobs.outcome(job.id, LONGEST_WAIT)
    finally:
        waiting.release()


def respond(job: Job, how: Wait, done: Callable[[Job], BaseModel]) -> Response:
    """200 with what `done` says of the job at its end; else 202 with the job. Raises the error of a job that failed."""
    job = outcome(job, how)
    if job.final and not in_background(how):
        return as_json(done(job), 200)
    response = as_json(JobShape.of(job), 202)
    response.headers["Location"] = f"/api/jobs/{job.id}"
    return response


def as_json(shape: BaseModel, status: int) -> Response:
    """The response with `shape`; it says so where the client's preference was followed."""
    response = jsonify(shape.model_dump(mode="json"))
    response.status_code = status
    if status == 202 and "Prefer" in request.headers:
        response.headers["Preference-Applied"] = "respond-async"
    return response
