"""What each kind of child process may use: one table, so that all limits can be compared at a glance.

The settings JOB_MEMORY, JOB_TIME and UNPACKED_LIMIT bound the work that a job does. Wall time is four times the
processor time, because a child also waits for the disk and for other jobs.
"""

from davproxy.processes import Limits
from davproxy.settings import Settings

MIB = 1 << 20

NOTES = Limits(memory=2048 * MIB, seconds=300, wall=600, file_size=MIB)
"""Reading a batch of notes files."""

PICTURE = Limits(memory=768 * MIB, seconds=20, wall=80, file_size=4 * MIB)
"""Making album art from a picture of up to `pictures.MOST_PIXELS`."""

TAG_SECONDS = 10.0
EMBEDDED_PICTURE = 32 * MIB
UNPACK_START_SECONDS = 30
"""Processor time that an unpacker may take whatever the size of the archive."""
UNPACK_BYTES_A_SECOND = 2 * MIB
"""The least that a healthy unpacker reads of an archive in a second of processor time; a slower one is stuck."""


def charting(settings: Settings) -> Limits:
    """Charting one song."""
    return _job(settings, settings.job_time)


def unpacking(settings: Settings, packed: int) -> Limits:
    """Unpacking an archive of `packed` bytes."""
    return _job(settings, min(settings.job_time, UNPACK_START_SECONDS + packed / UNPACK_BYTES_A_SECOND))


def reading_tags(settings: Settings) -> Limits:
    """Reading the tags of one audio file."""
    return Limits(settings.job_memory, TAG_SECONDS, 4 * TAG_SECONDS, EMBEDDED_PICTURE)


def _job(settings: Settings, seconds: float) -> Limits:
    return Limits(settings.job_memory, seconds, 4 * settings.job_time, settings.unpacked_limit)
