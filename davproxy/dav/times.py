"""Times as clients write them."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LATEST = 253_402_300_800.0
"""The year 10000, which no calendar here reaches."""


def seconds(text: str) -> float | None:
    """A time in Unix seconds: what they are themselves, an HTTP date, or ISO 8601. None for one that makes no sense."""
    text = text.strip()
    try:
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text):
            found = float(text)
        elif re.match(r"[0-9]{4}-", text):
            date = datetime.fromisoformat(text)
            found = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        else:
            found = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return found if 0 <= found < _LATEST else None
