"""The web door: pages and JSON API. Flask lives here alone."""

from webui.app import create_app
from webui.services import Services

__all__ = ["Services", "create_app"]
