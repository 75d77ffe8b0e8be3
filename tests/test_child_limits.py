"""The table of limits: what the settings bound, and that a stuck unpacker is stopped early."""

from pathlib import Path

from davproxy import child_limits
from davproxy.settings import Settings


def settings(**variables: str) -> Settings:
    return Settings.read(variables, Path("/nonexistent"))


def test_charting_may_use_what_the_settings_allow() -> None:
    limits = child_limits.charting(settings(JOB_MEMORY="1 GiB", JOB_TIME="100", UNPACKED_LIMIT="2 GiB"))
    assert (limits.memory, limits.seconds, limits.wall, limits.file_size) == (1 << 30, 100, 400, 2 << 30)


def test_unpacking_gets_time_by_the_size_of_the_archive() -> None:
    given = settings(JOB_TIME="100")
    small, large, huge = (child_limits.unpacking(given, size).seconds for size in (0, 20 << 20, 1 << 40))
    assert (small, large, huge) == (30, 40, 100)
    assert child_limits.unpacking(given, 0).wall == 400


def test_reading_tags_is_short_and_writes_no_more_than_a_picture() -> None:
    limits = child_limits.reading_tags(settings(JOB_MEMORY="1 GiB", JOB_TIME="100"))
    assert (limits.memory, limits.seconds, limits.wall, limits.file_size) == (1 << 30, 10, 40, 32 << 20)
