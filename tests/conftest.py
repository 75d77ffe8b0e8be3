"""For every test: hypothesis keeps no time, as a busy machine is not a defect; what is not wanted is not loaded."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("davproxy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", parent=settings.get_profile("davproxy"), max_examples=15)
settings.load_profile("davproxy")

pytest_plugins = ["tests.serving"]

SLOW_MODULE = b"\npytestmark = pytest.mark.slow"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not load a module of slow tests where these are left out, nor what it imports."""
    left_out = config.getoption("markexpr") == "not slow" and collection_path.suffix == ".py"
    return True if left_out and SLOW_MODULE in collection_path.read_bytes() else None
