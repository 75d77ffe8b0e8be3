"""A few calls at a time, and no more than were asked for."""

from davproxy.remote.webdav.parallel import in_parallel


def test_results_come_in_order() -> None:
    assert list(in_parallel(abs, range(-50, 0), 2)) == list(range(50, 0, -1))


def test_hardly_more_is_done_than_was_asked_for() -> None:
    done: list[int] = []
    for _result in in_parallel(done.append, range(100), 2):
        break
    assert len(done) <= 4
