"""The JSON API: a file for each resource, each a blueprint that calls the core."""

from apiflask import APIFlask

from webui.api import bulk, fields, generate, health, jobs, library, media, setup, songs, uploads, webdav


def register(app: APIFlask) -> None:
    """Add every resource to `app`."""
    for resource in (songs, fields, bulk, media, uploads, generate, jobs, library, webdav, health, setup):
        app.register_blueprint(resource.blueprint)
