"""/api/setup: connect a Nextcloud, while none is set up and only this computer reaches the server."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field, SecretStr

from davproxy.connect import Account
from webui.api.openapi import response
from webui.api.shapes import Input
from webui.services import services

blueprint = APIBlueprint("setup", __name__, url_prefix="/api/setup", tag="Setup")


class Address(Input):
    """Which Nextcloud."""

    url: str = Field(max_length=2000, description="Its address, or that of any page of it. No other server is asked.")


class Login(BaseModel):
    """A sign-in that waits for a person."""

    login: str = Field(description="The page on which the person grants access.")
    server: str = Field(description="The address of the Nextcloud, as the given one was understood.")


class LoginState(BaseModel):
    """The state of a sign-in. The app password stays on the server."""

    username: str = Field(description="Who granted access; empty until then.")


class TypedAccount(Address):
    """An account with an app password that the person made."""

    username: str = Field(min_length=1, max_length=300)
    password: SecretStr = Field(min_length=1, max_length=1000, description="An app password, not the account's own.")


class Connect(Input):
    """The connection to check and to save."""

    folder: str = Field("CloneHero", min_length=1, max_length=1000, description="The library's folder there.")
    account: TypedAccount | None = Field(None, description="Without it: the one signed in through the browser.")


class Check(BaseModel):
    """One fact about the Nextcloud."""

    grade: str = Field(description="good or hint.")
    text: str
    advice: str


class Connected(BaseModel):
    """The connection works and is saved. The server reads it when it starts the next time."""

    findings: list[Check]
    file: str = Field(description="The file it was saved to.")


@blueprint.post("/sign-in")
@blueprint.input(Address, arg_name="address")
@blueprint.output(Login)
def begin(address: Address) -> Login:
    """Start a sign-in through the browser (Nextcloud's Login Flow v2)."""
    flow = services().setup.begin(address.url)
    return Login(login=flow.address, server=flow.server)


@blueprint.get("/sign-in")
@blueprint.output(LoginState)
def poll() -> LoginState:
    """Whether the person has granted access; ask every two seconds."""
    return LoginState(username=services().setup.poll())


@blueprint.post("")
@blueprint.input(Connect, arg_name="wanted")
@blueprint.output(Connected)
@blueprint.doc(responses=response(422, "What to fix first; nothing was written."))
def connect(wanted: Connect) -> Connected:
    """Make the library's folders on the Nextcloud, check the connection, and save it to .env if it works."""
    setup, given = services().setup, wanted.account
    typed = (given.url, Account(given.username, given.password.get_secret_value())) if given else None
    checks = setup.finish(wanted.folder, typed)
    return Connected(
        findings=[Check(grade=check.grade.name.lower(), text=check.text, advice=check.advice) for check in checks],
        file=str(setup.file.resolve()),
    )
