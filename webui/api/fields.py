"""/api/songs/fields: the standard fields of song.ini, which the editor's form is made from."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from davproxy.formats.song_fields import FIELDS, IDENTITY_KEYS

blueprint = APIBlueprint("fields", __name__, url_prefix="/api/songs", tag="Songs")


class Field(BaseModel):
    """A standard field."""

    name: str
    kind: str
    group: str
    label: str
    default: str | int | bool
    unit: str
    aliases: list[str]
    identity: bool


class FieldTable(BaseModel):
    """All standard fields, in the order of the form."""

    fields: list[Field]


@blueprint.get("/fields")
@blueprint.output(FieldTable)
def list_fields() -> FieldTable:
    """The standard fields of song.ini: name, type, group, default, and whether the chart's identity depends on it."""
    return FieldTable(
        fields=[
            Field(
                name=field.name,
                kind=field.kind,
                group=field.group,
                label=field.label,
                default=field.default,
                unit=field.unit,
                aliases=list(field.aliases),
                identity=field.name in IDENTITY_KEYS,
            )
            for field in FIELDS.values()
        ]
    )
