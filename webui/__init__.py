"""The web door: pages and JSON API. Flask lives here alone."""
