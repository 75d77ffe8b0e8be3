"""/api/jobs: list, read and cancel jobs; and the response of every operation that starts one."""

from apiflask import APIBlueprint
from flask import jsonify, request
from werkzeug.wrappers import Response as BaseResponse

from davproxy.errors import BadInput
from davproxy.model import Job, JobState
from webui.api.openapi import response
from webui.api.shapes import JobList, JobShape
from webui.services import services

blueprint = APIBlueprint("jobs", __name__, url_prefix="/api/jobs", tag="Jobs")

LONGEST_WAIT = 1800.0
"""Seconds that `wait=true` waits at most; the job goes on after that."""


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


def after_wait(job: Job, wait: bool) -> Job:
    """`job` as it is at its end if `wait`, else as it is now."""
    return services().jobs.wait(job.id, LONGEST_WAIT) if wait and not job.final else job


def job_response(job: Job, wait: bool) -> tuple[JobShape, int, dict[str, str]]:
    """202 with the job, or 200 with the job at its end. Raises BadInput with the job's error if it failed."""
    job = after_wait(job, wait)
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        raise BadInput(job.error or "The work was stopped.")
    return JobShape.of(job), 200 if job.final else 202, {"Location": f"/api/jobs/{job.id}"}
