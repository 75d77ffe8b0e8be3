"""The measure of duplicates, on a small library."""

from tests.bench.duplicates import measured


def test_all_but_slips_are_found_and_nothing_else() -> None:
    precision, recall, missed = measured(1500)
    assert precision > 0.99
    assert recall > 0.9
    assert set(missed) <= {"a slip"}
