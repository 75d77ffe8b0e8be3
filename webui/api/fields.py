"""/api/songs/fields: the standard fields of song.ini, so that a form can be made of them."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from davproxy.formats.song_fields import FIELDS, IDENTITY_KEYS

blueprint = APIBlueprint("fields", __name__, url_prefix="/api/songs", tag="Songs")


class Field(BaseModel):
    """One standard field."""

    name: str
    kind: str
    group: str
    label: str
    default: str | int | bool
    unit: str
    aliases: list[str]
    identity: bool


class FieldTable(BaseModel):
    """All of them, in the order people expect."""

    fields: list[Field]


@blueprint.get("/fields")
@blueprint.output(FieldTable)
def list_fields() -> FieldTable:
    """The standard fields of song.ini: name, type, group, default; `identity` marks those that scores hang on."""
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
