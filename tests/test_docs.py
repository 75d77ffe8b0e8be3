"""The documents: their links lead somewhere, and the commands they name exist."""

import re
from pathlib import Path

import pytest

from davproxy import __version__
from davproxy.commands import davproxy

TOP = Path(__file__).parent.parent
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


def test_the_container_stops_later_than_the_program() -> None:
    compose = (TOP / "docker-compose.yml").read_text()
    grace = re.search(r"stop_grace_period: (\d+)s", compose)
    assert grace is not None
    assert int(grace[1]) > 10
    assert "volumes:" not in compose


def test_the_image_names_the_version() -> None:
    assert re.findall(r"VERSION=(\S+)", (TOP / "docker" / "Dockerfile").read_text()) == [__version__] * 2
