"""/api/songs/facets and /api/songs/names: songs counted by the values of their fields."""

from typing import Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from webui.api.songs import Filters
from webui.services import services

blueprint = APIBlueprint("facets", __name__, url_prefix="/api/songs", tag="Songs")


class FacetQuery(Filters):
    """Which songs are counted."""

    values: int = Field(12, ge=1, le=500, description="Most values of each field.")


class NameQuery(Filters):
    """Which names, of which songs."""

    field: Literal["artist", "album", "genre", "year", "charter"]
    sort: Literal["name", "songs"] = Field("name", description="By name without articles, or most songs first.")
    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, lt=2**31)


class Count(BaseModel):
    """A value and the number of songs that have it."""

    value: str
    songs: int


class Facet(BaseModel):
    """The commonest values of a field; `distinct` is how many it has in all."""

    distinct: int
    values: list[Count]


class Facets(BaseModel):
    """The songs that match, counted by what they have in common. A field that the query filters by is counted without
    that filter."""

    total: int
    facets: dict[str, Facet] = Field(
        description="By field: artist, album, genre, year, charter, instrument, difficulty, and `has`, whose values "
        "are those of the token `has:`."
    )


class SongName(BaseModel):
    """A name that songs share."""

    name: str
    songs: int
    cover: int = Field(description="The id of one of the songs that has album art; 0 if none has.")


class NamePage(BaseModel):
    """One page of names. `total` counts all of them."""

    total: int
    limit: int
    offset: int
    names: list[SongName]


@blueprint.get("/facets")
@blueprint.input(FacetQuery, location="query", arg_name="query")
@blueprint.output(Facets)
def count_facets(query: FacetQuery) -> Facets:
    """Count songs by artist, album, genre, year, charter, instrument, difficulty, and what they have."""
    found = services().library.songs.facets(query.as_filter(), query.values)
    facets = {
        field: Facet(
            distinct=found.distinct[field], values=[Count(value=value, songs=songs) for value, songs in counts]
        )
        for field, counts in found.values.items()
    }
    return Facets(total=found.total, facets=facets)


@blueprint.get("/names")
@blueprint.input(NameQuery, location="query", arg_name="query")
@blueprint.output(NamePage)
def list_names(query: NameQuery) -> NamePage:
    """The artists, albums, genres, years or charters of the songs that match."""
    names = services().library.songs.names_of(query.field, query.as_filter())
    if query.sort == "songs":
        names.sort(key=lambda name: name.songs, reverse=True)
    page = [
        SongName(name=name.value, songs=name.songs, cover=name.cover)
        for name in names[query.offset : query.offset + query.limit]
    ]
    return NamePage(total=len(names), limit=query.limit, offset=query.offset, names=page)
