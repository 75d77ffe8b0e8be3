"""The capabilities of the curation, made once for a library."""

from davproxy.curation.duplicates import DUPLICATES, Duplicates
from davproxy.curation.list_jobs import ListJobs
from davproxy.curation.lists import Lists
from davproxy.curation.step_jobs import StepJobs
from davproxy.jobs import Jobs
from davproxy.library import Library


class Curation:
    """`lists` and `duplicates`, and `steps` for the jobs that they plan. It must be made before the jobs start."""

    def __init__(self, library: Library, jobs: Jobs) -> None:
        self.lists = Lists(library)
        ListJobs(library, jobs, self.lists).attach()
        self.duplicates = Duplicates(library)
        self.steps = StepJobs(library, jobs)
        self.steps.register(DUPLICATES, self.duplicates.plan_of, "Resolve duplicates")
