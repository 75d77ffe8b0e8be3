"""The modules that a page's scripts import, so that a browser requests all at once instead of level by level."""

import re
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).parent / "static" / "js"
_IMPORT = re.compile(r'^(?:import|export)\b[^"(;]*"\./(\w+\.js)"', re.MULTILINE)
_SCRIPT = re.compile(r"/js/(\w+\.js)\"")


def imports_of(tags: str) -> list[str]:
    """The names of the modules that the scripts of these HTML tags import, at any depth, each once."""
    scripts = _SCRIPT.findall(tags)
    found = dict.fromkeys(name for script in scripts for name in _imports_of(script))
    return [name for name in found if name not in scripts]


@cache
def _imports_of(script: str) -> tuple[str, ...]:
    names = [script]
    for name in names:
        names += [each for each in _IMPORT.findall((SCRIPTS / name).read_text("utf-8")) if each not in names]
    return tuple(names)
