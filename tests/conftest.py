"""For every test: hypothesis keeps no time, as a busy machine is not a defect."""

from hypothesis import HealthCheck, settings

settings.register_profile("davproxy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", parent=settings.get_profile("davproxy"), max_examples=15)
settings.load_profile("davproxy")

pytest_plugins = ["tests.serving"]
