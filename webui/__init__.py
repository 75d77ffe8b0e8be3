"""The web door: pages and JSON API. Flask lives here alone."""

from webui.app import create_app

__all__ = ["create_app"]
