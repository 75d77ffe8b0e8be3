"""The name under which a browser saves a response."""

import re
from urllib.parse import quote

from flask import Response


def named(response: Response, name: str, *, shown: bool = False) -> Response:
    """`response` as a file called `name`, saved, or `shown` in the page (RFC 6266).

    The header has the name in UTF-8 (RFC 8187), and in ASCII for clients that do not read that: headers are Latin-1.
    """
    response.headers.set(
        "Content-Disposition",
        "inline" if shown else "attachment",
        filename=re.sub(r"[^ -~]|[%\"\\]", "_", name),
        **{"filename*": f"UTF-8''{quote(name, safe='')}"},
    )
    return response
