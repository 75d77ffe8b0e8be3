"""/api/setup: connecting to a Nextcloud, as long as there is none and only this computer reaches the server."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, SecretStr

from davproxy.connect import Account
from webui.api.answers import said
from webui.api.shapes import Input
from webui.services import services

blueprint = APIBlueprint("setup", __name__, url_prefix="/api/setup", tag="Setup")


class Address(Input):
    """Which Nextcloud."""

    url: str = Field(max_length=2000, description="Its address, with http or https; nothing else is asked.")


class Begun(BaseModel):
    """A sign-in that waits for a person."""

    login: str = Field(description="The page to open and to grant access on.")


class SignedIn(BaseModel):
    """How a sign-in stands. The app password stays on the server."""

    username: str = Field(description="Who granted access; empty until somebody did.")


class TypedAccount(Address):
    """An account whose app password was made by hand."""

    username: str = Field(min_length=1, max_length=300)
    password: SecretStr = Field(min_length=1, max_length=1000, description="An app password, not the account's own.")


class Connect(Input):
    """What to check and to keep."""

    folder: str = Field("CloneHero", min_length=1, max_length=1000, description="The library's folder there.")
    account: TypedAccount | None = Field(None, description="Without one: who signed in through the browser.")


class Found(BaseModel):
    """One thing found on the Nextcloud."""

    grade: str = Field(description="good or hint")
    text: str
    advice: str


class Connected(BaseModel):
    """All is well and written; the server reads it when it starts the next time."""

    findings: list[Found]
    file: str = Field(description="Where it was written.")


@blueprint.post("/sign-in")
@blueprint.input(Address, arg_name="address")
@blueprint.output(Begun)
def begin(address: Address) -> Begun:
    """Begin a sign-in through the browser (Nextcloud's Login Flow)."""
    return Begun(login=services().setup.begin(address.url))


@blueprint.get("/sign-in")
@blueprint.output(SignedIn)
def poll() -> SignedIn:
    """Whether the person has granted access; ask every other second."""
    return SignedIn(username=services().setup.poll())


@blueprint.post("")
@blueprint.input(Connect, arg_name="wanted")
@blueprint.output(Connected)
@blueprint.doc(responses=said(422, "What must be fixed first; nothing was written."))
def connect(wanted: Connect) -> Connected:
    """Make the library's folders there, check everything, and write the connection to .env if all is well."""
    setup, given = services().setup, wanted.account
    typed = (given.url, Account(given.username, given.password.get_secret_value())) if given else None
    checks = setup.finish(wanted.folder, typed)
    return Connected(
        findings=[Found(grade=check.grade.name.lower(), text=check.text, advice=check.advice) for check in checks],
        file=str(setup.file.resolve()),
    )
