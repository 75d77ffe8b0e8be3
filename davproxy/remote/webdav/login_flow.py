"""Nextcloud's Login Flow v2: a person grants access in the browser, and we receive an app password.

https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html
"""

from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import httpx

from davproxy.errors import DavproxyError, Unavailable
from davproxy.remote.webdav.connection import Connection
from davproxy.remote.webdav.server_address import find_nextcloud

FLOW_SECONDS = 20 * 60
"""How long a flow stays open."""


@dataclass(frozen=True, slots=True)
class Account:
    """The result of a granted flow. The repr lacks the password, so that it stays out of logs."""

    username: str
    app_password: str = field(repr=False)


class LoginFlow:
    """One sign-in in progress: show `address` to the person, then call `poll` every few seconds. Keeps nothing open."""

    def __init__(self, url: str) -> None:
        """Begin a flow at the Nextcloud at `url`. Raises Unavailable where there is none."""
        self.server = url
        """The address of the Nextcloud, as `url` was understood."""
        try:
            with closing(Connection(url, "", "")) as connection:
                found = find_nextcloud(connection, url)
            self.server = found.address if found is not None else url
            answer = self._ask(f"{self.server}/index.php/login/v2", expect={200}).json()
            self.address = str(answer["login"])
            if urlsplit(self.address).scheme not in ("http", "https"):
                raise ValueError("not the address of a page")
            self._token = str(answer["poll"]["token"])
            self._path = urlsplit(str(answer["poll"]["endpoint"])).path
        except (DavproxyError, ValueError, KeyError, TypeError) as error:
            reason = f" {error.message}" if isinstance(error, Unavailable) else ""
            raise Unavailable(f"There is no Nextcloud to sign in to at {self.server}.{reason}") from error

    def poll(self) -> Account | None:
        """The account once the person has granted access; None until then. After that the flow cannot be used again."""
        # On the given host, whatever name the Nextcloud has for itself.
        parts = urlsplit(self.server)
        endpoint = f"{parts.scheme}://{parts.netloc}{self._path}"
        response = self._ask(endpoint, expect={200, 404}, content=urlencode({"token": self._token}).encode())
        if response.status_code == 404:
            return None
        try:
            answer = response.json()
            return Account(username=str(answer["loginName"]), app_password=str(answer["appPassword"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable("The Nextcloud's answer to the sign-in makes no sense. Begin again.") from error

    def _ask(self, url: str, *, expect: set[int], content: bytes = b"") -> httpx.Response:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if content else None
        with closing(Connection(self.server, "", "")) as connection:
            return connection.send("POST", url, expect=expect, about="/", headers=headers, content=content)
