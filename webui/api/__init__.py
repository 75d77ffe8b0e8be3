"""The JSON API: a file for each resource, each a blueprint that calls the core."""

from apiflask import APIFlask

from webui.api import bulk, fields, generate, health, imports, jobs, library, media, setup, songs, sync, uploads, webdav


def register(app: APIFlask) -> None:
    """Add every resource to `app`."""
    for resource in (
        songs,
        fields,
        bulk,
        media,
        uploads,
        generate,
        jobs,
        library,
        sync,
        webdav,
        imports,
        health,
        setup,
    ):
        app.register_blueprint(resource.blueprint)
