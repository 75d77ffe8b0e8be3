"""The SQL of the index: what every Python from 3.11 on binds."""

import re

from tests.test_floors import TOP


def test_no_numbered_placeholder_is_bound_by_a_sequence() -> None:
    """Python 3.12.0 to 3.12.3 warn of `?1` with a sequence of values: name it, as `:path`, or write `?`."""
    for file in (TOP / "davproxy" / "index").rglob("*.py"):
        assert not re.search(r"\?\d", file.read_text("utf-8")), file
