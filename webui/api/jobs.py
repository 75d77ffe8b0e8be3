"""/api/jobs: what is being done; and how every other resource answers with a job."""

from apiflask import APIBlueprint
from flask import jsonify, request
from werkzeug.wrappers import Response as BaseResponse

from davproxy.errors import BadInput
from davproxy.model import Job, JobState
from webui.api.answers import said
from webui.api.shapes import JobList, JobShape
from webui.services import services

blueprint = APIBlueprint("jobs", __name__, url_prefix="/api/jobs", tag="Jobs")

LONGEST_WAIT = 1800.0
"""Seconds that `wait=true` holds an answer back; the job goes on after that."""


@blueprint.get("")
@blueprint.output(JobList)
@blueprint.doc(responses=said(304, "Nothing has changed since the ETag in If-None-Match."))
def list_jobs() -> BaseResponse:
    """The latest 100 jobs, newest first. Cheap to ask again with If-None-Match."""
    jobs = [JobShape.of(job) for job in services().jobs.recent(100)]
    response = jsonify(JobList(jobs=jobs).model_dump(mode="json"))
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/<job_id>")
@blueprint.output(JobShape)
def read_job(job_id: str) -> JobShape:
    """One job."""
    return JobShape.of(services().jobs.get(job_id))


@blueprint.delete("/<job_id>")
@blueprint.output(JobShape)
def cancel_job(job_id: str) -> JobShape:
    """Cancel a job that waits or runs. One that is already over stays as it is."""
    return JobShape.of(services().jobs.cancel(job_id))


def finished(job: Job, wait: bool) -> Job:
    """`job`, or what became of it if the client chose to wait."""
    return services().jobs.wait(job.id, LONGEST_WAIT) if wait and not job.final else job


def answer(job: Job, wait: bool) -> tuple[JobShape, int, dict[str, str]]:
    """202 with the job, or 200 with the finished one. Raises BadInput with its error where it failed."""
    job = finished(job, wait)
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        raise BadInput(job.error or "The work was stopped.")
    return JobShape.of(job), 200 if job.final else 202, {"Location": f"/api/jobs/{job.id}"}
