"""The container's files are ones that Docker Compose and the linter of Dockerfiles take; neither needs an engine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from davproxy.child import KEPT_VARIABLES

ROOT = Path(__file__).parents[1]
SEARCHED = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
"""Where programs are looked for: first those that `make setup` installs."""


def compose(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Docker Compose, version 2 or later, on our file, without any .env."""
    for name, *more in (["docker-compose"], ["docker", "compose"]):
        if program := shutil.which(name, path=SEARCHED):
            command = [program, *more]
            version = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False)
            if version.returncode == 0 and int(version.stdout.lstrip("v").split(".")[0]) >= 2:
                return subprocess.run(
                    [*command, "--env-file", os.devnull, *arguments],
                    capture_output=True, text=True, check=False, cwd=ROOT,
                    env={"PATH": os.environ["PATH"], **variables},
                )  # fmt: skip
    pytest.skip("docker compose 2 is missing: make setup installs it on Linux")


PROFILES = {"": set[str](), "demo": {"nextcloud"}, "scale": {"redis", "caddy"}}


@pytest.mark.parametrize("profile", PROFILES)
def test_compose_takes_its_file(profile: str) -> None:
    made = compose("--profile", profile, "config", "--format", "json", APP_PASSWORD="secret")
    assert made.returncode == 0, made.stderr
    services: dict[str, Any] = json.loads(made.stdout)["services"]
    assert set(services) == {"davproxy", *PROFILES[profile]}
    ours = services["davproxy"]
    assert ours["read_only"] is True
    assert "volumes" not in ours
    assert ours["environment"]["NEXTCLOUD_URL"] == "http://nextcloud"
    assert [port["host_ip"] for port in ours["ports"]] == ["127.0.0.1"]
    assert ours["ports"][0]["published"] == "8000-8009", "each of several instances gets one that is free"


def test_compose_asks_for_the_password() -> None:
    made = compose("config")
    assert made.stdout == ""
    assert "Set APP_PASSWORD" in made.stderr


def test_what_is_compiled_for_a_chart_outlives_the_child_that_made_it() -> None:
    """Each child has a home of its own, so that each chart would wait some ten seconds for a compiler."""
    assert "NUMBA_CACHE_DIR=/tmp/" in (ROOT / "docker/Dockerfile").read_text()
    assert "NUMBA_CACHE_DIR" in KEPT_VARIABLES


@pytest.mark.parametrize("dockerfile", ["docker/Dockerfile", ".devcontainer/Dockerfile"])
def test_the_dockerfiles_follow_the_rules_of_their_linter(dockerfile: str) -> None:
    hadolint = shutil.which("hadolint", path=SEARCHED)
    if not hadolint:
        pytest.skip("hadolint is missing: make setup installs it on Linux")
    found = subprocess.run([hadolint, ROOT / dockerfile], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")
