"""How clients sign in to the fake: passwords, sessions with their cookies, and Login Flow v2."""

import base64
import hmac
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs

from tests.fakes.nextcloud.messages import Answer, Call
from tests.fakes.nextcloud.pages import json_page, web_page
from tests.fakes.nextcloud.tree import Refused

MAX_WRONG = 11
"""Wrong passwords after which the address is refused whatever it sends."""


class SignIn:
    """The open sessions and flows of one account. `user` and `password` return the account's own."""

    def __init__(self, user: Callable[[], str], password: Callable[[], str]) -> None:
        self._user = user
        self._password = password
        self.sessions: set[str] = set()
        self.wrong_passwords = 0
        self.logins: dict[str, str | None] = {}
        """Login Flow: poll token to the app password, once granted."""

    def check(self, call: Call, spend: Callable[[], None]) -> dict[str, str]:
        """Check the session, or the password, which `spend` takes time for.

        Returns the headers that give a session to clients that return cookies. Raises Refused.
        """
        cookies = dict(pair.strip().partition("=")[::2] for pair in call.headers.get("cookie", "").split(";"))
        if cookies.get("fake_session") in self.sessions:
            if cookies.get("nc_sameSiteCookiestrict") != "true":
                raise Refused(412, "", "Strict Cookie has not been found in request")
            return {}
        if self.wrong_passwords >= MAX_WRONG:
            raise Refused(429)
        spend()
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        expected = base64.b64encode(f"{self._user()}:{self._password()}".encode()).decode()
        if scheme.lower() != "basic" or not hmac.compare_digest(token, expected):
            self.wrong_passwords += scheme.lower() == "basic"
            raise Refused(401, "Sabre\\DAV\\Exception\\NotAuthenticated", "Cannot authenticate")
        if cookies.get("cookie_test") != "test":
            return {"Set-Cookie": "cookie_test=test"}
        session = secrets.token_hex(16)
        self.sessions.add(session)
        return {"Set-Cookie": f"fake_session={session}; path=/; HttpOnly"}

    def login_flow(self, call: Call, url: str) -> Answer:
        """https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html"""
        if call.path.endswith("/login/v2"):
            token = secrets.token_hex(32)
            self.logins[token] = None
            poll = {"token": token, "endpoint": f"{url}/login/v2/poll"}
            return json_page({"poll": poll, "login": f"{url}/login/v2/flow/{secrets.token_hex(32)}"})
        if call.path.endswith("/poll"):
            token = parse_qs(call.body.read().decode()).get("token", [""])[0]
            if not self.logins.get(token):
                return json_page([], status=404)
            granted = self.logins.pop(token)
            return json_page({"server": url, "loginName": self._user(), "appPassword": granted})
        self.grant()
        return web_page("Account access granted")

    def grant(self) -> None:
        """Grant every open flow, as a person who clicks does."""
        for token in self.logins:
            self.logins[token] = self._password()
