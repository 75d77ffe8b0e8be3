"""The JSON API: a file for each resource, each a blueprint that calls the core."""

from apiflask import APIFlask

from webui.api import (
    artists,
    bulk,
    corrections,
    duplicates,
    entries,
    events,
    facets,
    fields,
    fill_in,
    generate,
    health,
    imports,
    jobs,
    library,
    lists,
    media,
    organiser,
    partial_uploads,
    repairs,
    scores,
    setup,
    smart_lists,
    songs,
    sync,
    sync_stream,
    system,
    tags,
    uploads,
    webdav,
)

SONGS = (songs, facets, artists, fields, bulk, media, lists, smart_lists, tags, scores)
CHANGES = (duplicates, organiser, repairs, fill_in, uploads, generate, corrections)
TREE = (webdav, entries, partial_uploads, imports)
STATE = (jobs, events, library, sync, sync_stream, health, system, setup)


def register(app: APIFlask) -> None:
    """Add every resource to `app`."""
    for resource in (*SONGS, *CHANGES, *TREE, *STATE):
        app.register_blueprint(resource.blueprint)
