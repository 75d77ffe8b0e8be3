"""The web door: pages and the JSON API. Only this package imports Flask."""

from webui.app import create_app
from webui.services import Services

__all__ = ["Services", "create_app"]
