"""The floors of the house: imports go down only, and each foreign library has one home."""

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
FLOORS = {
    "davproxy.__version__": 0, "davproxy.settings": 0, "davproxy.errors": 0, "davproxy.model": 0, "davproxy.paths": 0,
    "davproxy.log": 0, "davproxy.memory": 0, "davproxy.access": 0, "davproxy.media_types": 0,
    "davproxy.setting_names": 0, "davproxy.setting_types": 0, "davproxy.processes": 0, "davproxy.pictures": 0,
    "davproxy.formats": 1, "davproxy.charter": 1, "davproxy.remote": 1, "davproxy.index": 1, "davproxy.child": 1,
    "davproxy.in_child": 1, "davproxy.child_limits": 1, "davproxy.work_dir": 1, "davproxy.server": 1,
    "davproxy.mounting": 1, "davproxy.coordination": 1, "davproxy.metrics": 1,
    "davproxy.lookup": 1,
    "davproxy.contents": 2, "davproxy.jobs": 2, "davproxy.shared_jobs": 2, "davproxy.job_run": 2,
    "davproxy.own_jobs": 2, "davproxy.past_jobs": 2,
    "davproxy.shared_records": 2, "davproxy.notes_child": 2, "davproxy.audio_tags": 2,
    "davproxy.library": 3,
    "davproxy.snapshot": 4, "davproxy.sync": 4, "davproxy.connect": 4, "davproxy.diagnosis": 4, "davproxy.curation": 4,
    "davproxy.status_folder": 4,
    "davproxy.imports": 5,
    "davproxy.dav": 6, "webui": 6,
    "davproxy.app": 7, "davproxy.__main__": 7, "davproxy.commands": 7,
}  # fmt: skip
SAME_FLOOR = {
    ("davproxy.settings", "davproxy.errors"),
    ("davproxy.settings", "davproxy.setting_types"),
    ("davproxy.settings", "davproxy.setting_names"),
    ("davproxy.paths", "davproxy.errors"),
    ("davproxy.processes", "davproxy.errors"),
    ("davproxy.access", "davproxy.errors"),
    ("davproxy.pictures", "davproxy.errors"),
    ("davproxy.charter", "davproxy.formats"),  # a chart is written in the format's own words
    ("davproxy.index", "davproxy.formats"),  # a search names instruments and difficulties as charts do
    ("davproxy.child_limits", "davproxy.child"),
    ("davproxy.jobs", "davproxy.shared_jobs"),
    ("davproxy.jobs", "davproxy.job_run"),
    ("davproxy.jobs", "davproxy.own_jobs"),
    ("davproxy.own_jobs", "davproxy.job_run"),
    ("davproxy.own_jobs", "davproxy.shared_jobs"),
    ("davproxy.jobs", "davproxy.past_jobs"),
    ("davproxy.job_run", "davproxy.shared_records"),
    ("davproxy.past_jobs", "davproxy.shared_records"),
    ("davproxy.shared_jobs", "davproxy.shared_records"),
    ("davproxy.connect", "davproxy.diagnosis"),
    ("davproxy.__main__", "davproxy.commands"),
    ("davproxy.commands", "davproxy.app"),
}
FENCES = {
    "librosa": "davproxy.charter", "soundfile": "davproxy.charter", "av": "davproxy.charter",
    "onnxruntime": "davproxy.charter", "mutagen": "davproxy.charter", "soxr": "davproxy.charter",
    "numpy": "davproxy.charter", "scipy": "davproxy.charter", "PIL": "davproxy.pictures",
    "httpx": "davproxy.remote", "httpcore": "davproxy.remote", "tenacity": "davproxy.remote",
    "lxml": "davproxy.remote", "websockets": "davproxy.remote",
    "sqlite_utils": "davproxy.index", "sqlite3": "davproxy.index",
    "rarfile": "davproxy.imports", "py7zr": "davproxy.imports",
    "zipfile": "davproxy.imports", "tarfile": "davproxy.imports",
    "wsgidav": "davproxy.dav", "defusedxml": "davproxy.dav", "cheroot": "davproxy.server",
    "flask": "webui", "apiflask": "webui", "pydantic": "webui", "markupsafe": "webui",
    "click": "davproxy.commands", "rich": "davproxy.commands",
    "dotenv": "davproxy.settings", "psutil": "davproxy.processes", "filelock": "davproxy.snapshot",
    "redis": "davproxy.coordination", "prometheus_client": "davproxy.metrics",
}  # fmt: skip
FENCE_EXCEPTIONS = {
    ("httpx", "davproxy.lookup"),  # servers that know about songs are no remotes
    ("sqlite3", "davproxy.formats"),  # YARG keeps its scores in an SQLite file
    ("zipfile", "davproxy.remote"),  # a Nextcloud's bulk read answers a zip
    ("PIL", "davproxy.charter"),  # album art and plots are drawn there
    ("zipfile", "webui"),  # a song is downloaded as a zip
    ("tenacity", "davproxy.snapshot"),  # the last save waits for a remote that is away for a moment
}

BELOW_THE_LIBRARY = ("davproxy.index", "davproxy.remote")
MAY_LOOK_BELOW = {
    "davproxy.snapshot",  # keeps the index on the remote
    "davproxy.sync",  # compares the two
    "davproxy.connect",  # makes the remote
    "davproxy.diagnosis",  # examines a remote before there is a library on it
    "davproxy.app",  # opens both and hands them on
}


@cache
def modules() -> dict[str, ast.Module]:
    """Each module of the program, by its name."""
    files = (file for package in ("davproxy", "webui") for file in sorted((TOP / package).rglob("*.py")))
    return {
        ".".join(file.relative_to(TOP).with_suffix("").parts).removesuffix(".__init__"): ast.parse(file.read_bytes())
        for file in files
    }


def home(module: str) -> str:
    """The part of the house that `module` belongs to: a key of FLOORS."""
    parts = module.split(".")
    return parts[0] if parts[0] == "webui" else ".".join(parts[:2])


def imports(module: str) -> Iterator[str]:
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{module}: imports are absolute"
            yield from (
                f"{node.module}.{alias.name}" if node.module == "davproxy" else node.module for alias in node.names
            )


def test_imports_go_down_and_stay_inside_the_fences() -> None:
    assert list(imports("davproxy")) == []
    assert [wrong for module in modules() if module != "davproxy" for wrong in _wrong_imports(module)] == []


def _wrong_imports(module: str) -> Iterator[str]:
    here = home(module)
    assert here in FLOORS, f"{here} has no floor: name it in FLOORS"
    for imported in imports(module):
        top = imported.split(".")[0]
        if top in ("davproxy", "webui"):
            there = home(imported)
            if not (there == here or FLOORS[there] < FLOORS[here] or (here, there) in SAME_FLOOR):
                yield f"{module} (floor {FLOORS[here]}) imports {imported} (floor {FLOORS[there]})"
        elif top in FENCES and here != FENCES[top] and (top, here) not in FENCE_EXCEPTIONS:
            yield f"{top} lives in {FENCES[top]}, not in {module}"


def test_what_is_above_the_library_leaves_index_and_remote_to_it() -> None:
    above = [module for module in modules() if module != "davproxy" and _is_above_the_library(home(module))]
    assert [wrong for module in above for wrong in _looks_below(module)] == []


def _is_above_the_library(here: str) -> bool:
    return FLOORS[here] > FLOORS["davproxy.library"] and here not in MAY_LOOK_BELOW


def _looks_below(module: str) -> Iterator[str]:
    for imported in imports(module):
        if imported.startswith(BELOW_THE_LIBRARY):
            yield f"{module} imports {imported}: ask the library instead"
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Attribute) and node.attr in ("index", "_index", "remote", "_remote"):
            owner = ast.unparse(node.value)
            if owner.endswith(("library", "tree", "songs", "core")):
                yield f"{module}:{node.lineno} reads {owner}.{node.attr}"


def test_no_import_goes_in_a_circle() -> None:
    """Imports below TYPE_CHECKING and inside functions count as well."""
    graph = {module: set(_modules_imported(module)) for module in modules()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def _modules_imported(module: str) -> Iterator[str]:
    known = modules()
    for node in ast.walk(known[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in known:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in names)


def test_the_server_loads_no_signal_processing() -> None:
    asked = (
        "import sys, davproxy.app; print(*sorted({'librosa', 'scipy', 'soundfile', 'onnxruntime'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=TOP)
    assert loaded.stdout.strip() == "", "they take a second to load and 30 MB: only a child needs them"


def test_every_module_says_what_lives_there() -> None:
    assert [module for module, tree in modules().items() if not ast.get_docstring(tree)] == []


def test_no_file_is_longer_than_350_lines() -> None:
    files = [*TOP.glob("davproxy/**/*.py"), *TOP.glob("webui/**/*.py"), *TOP.glob("tests/**/*.py")]
    scripts = [*TOP.glob("webui/static/js/**/*.js"), *TOP.glob("webui/static/css/**/*.css")]
    lengths = {file.relative_to(TOP).as_posix(): file.read_text().count("\n") for file in (*files, *scripts)}
    assert {name: length for name, length in lengths.items() if length > 350} == {}
