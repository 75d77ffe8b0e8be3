"""The modules that a page's script imports: a browser that knows them requests all at once, not level after level."""

import re
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).parent / "static" / "js"
_IMPORT = re.compile(r'^(?:import|export)\b[^"(;]*"\./(\w+\.js)"', re.MULTILINE)
_SCRIPT = re.compile(r"/js/(\w+\.js)\"")


def imported_by(tags: str) -> list[str]:
    """The names of what the scripts of these HTML tags import, at any depth, each once."""
    scripts = _SCRIPT.findall(tags)
    found = dict.fromkeys(name for script in scripts for name in _imported_by(script))
    return [name for name in found if name not in scripts]


@cache
def _imported_by(script: str) -> tuple[str, ...]:
    names = [script]
    for name in names:
        names += [each for each in _IMPORT.findall((SCRIPTS / name).read_text("utf-8")) if each not in names]
    return tuple(names)
