"""/api/tags: words of one's own on songs. A search finds them by `tag:WORD`."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from webui.api.lists import Chosen
from webui.services import services

blueprint = APIBlueprint("tags", __name__, url_prefix="/api/tags", tag="Tags")


class Tag(BaseModel):
    """A tag."""

    name: str
    songs: int = Field(description="Songs that have it, also those that are not in the library.")


class AllTags(BaseModel):
    """Every tag."""

    tags: list[Tag]


@blueprint.get("")
@blueprint.output(AllTags)
def list_tags() -> AllTags:
    """Every tag, by name."""
    return _all()


@blueprint.post("/<path:name>/songs")
@blueprint.input(Chosen, arg_name="chosen")
@blueprint.output(AllTags)
def add_tag(name: str, chosen: Chosen) -> AllTags:
    """Give songs a tag."""
    services().curation.tags.add(name, chosen.songs())
    return _all()


@blueprint.post("/<path:name>/songs/remove")
@blueprint.input(Chosen, arg_name="chosen")
@blueprint.output(AllTags)
def remove_tag(name: str, chosen: Chosen) -> AllTags:
    """Take a tag from songs."""
    services().curation.tags.remove(name, chosen.songs())
    return _all()


def _all() -> AllTags:
    curation = services().curation
    curation.player_files.refresh(wait=True)
    return AllTags(tags=[Tag(name=name, songs=songs) for name, songs in curation.tags.names()])
