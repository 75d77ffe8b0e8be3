"""The documents: their links lead somewhere, and the commands they name exist."""

import importlib
import re
from pathlib import Path

import pytest

from davproxy import __version__
from davproxy.app import SAVE_SECONDS
from davproxy.commands import davproxy
from tests.test_floors import FLOORS

TOP = Path(__file__).parent.parent
BASES = [TOP, *(TOP / base for base in ("davproxy", "davproxy/charter", "davproxy/formats", "webui"))]
"""Where a document's names of files may begin."""
DOCUMENTS = sorted([*TOP.glob("*.md"), *TOP.glob("docs/**/*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_and_targets_exist(document: Path) -> None:
    text = document.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
    for target in re.findall(r"`(?:[A-Z_]+=\S* )*make ([a-z-]+)", text):
        assert target in targets, f"{document.name} names make {target}"
    commands = davproxy.list_commands(None)  # type: ignore[arg-type]
    for command in re.findall(r"(?:^|`|/)davproxy ([a-z]+)", text, re.MULTILINE):
        assert command in commands, f"{document.name} names davproxy {command}"


def test_make_help_lists_every_target() -> None:
    makefile = (TOP / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    for target in phony[1].split():
        assert re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE), f"{target} has no line of help"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_exist(document: Path) -> None:
    for name in re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?|[a-z_]+\.py)`", document.read_text()):
        assert any((base / name).exists() for base in BASES), f"{document.name} names {name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_functions_that_a_document_names_by_module_exist(document: Path) -> None:
    for module, function in re.findall(r"`((?:davproxy|webui)(?:\.[a-z_]+)+):([a-z_]+)`", document.read_text()):
        assert callable(getattr(importlib.import_module(module), function)), (
            f"{document.name} names {module}:{function}"
        )


def test_every_room_stands_in_the_architecture_on_its_floor() -> None:
    document = (TOP / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| (\d) \| ([^|]*) \|", document, re.MULTILINE)
    documented = {name.rstrip("/"): int(floor) for floor, names in rows for name in re.findall(r"`([a-z_]+/?)`", names)}
    rooms = {module.removeprefix("davproxy."): floor for module, floor in FLOORS.items() if "__" not in module}
    assert documented == rooms


def test_the_container_stops_later_than_the_program() -> None:
    compose = (TOP / "docker-compose.yml").read_text()
    grace = re.search(r"stop_grace_period: (\d+)s", compose)
    assert grace is not None
    assert int(grace[1]) > SAVE_SECONDS
    assert "volumes:" not in compose


def test_the_version_stands_once() -> None:
    written = [
        name
        for name in ("pyproject.toml", "README.md", "Makefile", "docker/Dockerfile", "docker-compose.yml")
        if __version__ in (TOP / name).read_text()
    ]
    assert written == []
    assert f"## [{__version__}]" in (TOP / "CHANGELOG.md").read_text()
