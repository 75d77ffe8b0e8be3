"""/api/smart-lists: searches that are kept by a name."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from davproxy.curation.smart_lists import LONGEST_NAME, SmartList, text_of
from webui.api.songs import Query
from webui.services import services

blueprint = APIBlueprint("smart_lists", __name__, url_prefix="/api/smart-lists", tag="Lists")


class SmartListShape(BaseModel):
    """A search that is kept."""

    name: str
    query: str = Field(description="As the address of the page of songs has it: `search=plays%3A0&sort=nps`.")
    songs: int = Field(description="Songs that it finds now.")

    @classmethod
    def of(cls, smart: SmartList) -> "SmartListShape":
        """The shape of a smart list."""
        count = services().curation.smart_lists.count(smart)
        return cls(name=smart.name, query=text_of(smart.query), songs=count)


class AllSmartLists(BaseModel):
    """Every smart list, by name."""

    lists: list[SmartListShape]


class NewSmartList(Query):
    """A search, and the name to keep it by."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)


class SmartListMessage(BaseModel):
    """What was done."""

    message: str


@blueprint.get("")
@blueprint.output(AllSmartLists)
def list_smart_lists() -> AllSmartLists:
    """Every smart list, with how many songs it finds now."""
    return AllSmartLists(lists=[SmartListShape.of(smart) for smart in services().curation.smart_lists.all()])


@blueprint.post("")
@blueprint.input(NewSmartList, arg_name="new")
@blueprint.output(SmartListShape, status_code=201)
def keep_search(new: NewSmartList) -> SmartListShape:
    """Keep a search by a name; one of that name is replaced."""
    query = Query(**new.model_dump(exclude={"name"})).as_query()
    return SmartListShape.of(services().curation.smart_lists.put(new.name, query))


@blueprint.delete("/<path:name>")
@blueprint.output(SmartListMessage)
def delete_smart_list(name: str) -> SmartListMessage:
    """Forget a smart list. Songs, and a list that was made of it, stay."""
    services().curation.smart_lists.delete(name)
    return SmartListMessage(message=f"“{name}” is deleted. Its songs stay.")


@blueprint.post("/<path:name>/list")
@blueprint.output(SmartListMessage)
def make_list(name: str) -> SmartListMessage:
    """Write what it finds now as a list of its name, which games read from /Setlists."""
    count = services().curation.smart_lists.make_list(name)
    return SmartListMessage(message=f"“{name}” is a list of {count:,} {'song' if count == 1 else 'songs'} now.")
