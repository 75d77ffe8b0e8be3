"""Nextcloud's Login Flow v2: a person says yes in the browser, and an app password comes back.

https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html
"""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode, urlsplit

import httpx

from davproxy.errors import DavproxyError, Unavailable
from davproxy.remote.connection import Connection

FRESH = 20 * 60
"""Seconds that a flow stays open."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a granted flow gives. The password is out of the repr, so that it stays out of logs."""

    username: str
    app_password: str = field(repr=False)


class LoginFlow:
    """One sign-in under way: show `address` to the person, then `poll` every few seconds. Close it at the end."""

    def __init__(self, url: str) -> None:
        """Begins a flow at a Nextcloud's address. Raises Unavailable where there is none."""
        base = url.partition("/remote.php")[0].rstrip("/")
        self._connection = Connection(base, "", "")
        try:
            answer = self._connection.send("POST", f"{base}/index.php/login/v2", expect={200}, about="/").json()
            self.address = str(answer["login"])
            self._token = str(answer["poll"]["token"])
            # On the host that we were given, whatever name the Nextcloud has for itself.
            self._endpoint = self._connection.origin + urlsplit(str(answer["poll"]["endpoint"])).path
        except (DavproxyError, ValueError, KeyError, TypeError) as error:
            self.close()
            reason = f" {error.message}" if isinstance(error, Unavailable) else ""
            raise Unavailable(f"There is no Nextcloud to sign in to at {base}.{reason}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def poll(self) -> Account | None:
        """The account once the person has said yes; None until then. After that, the flow is spent."""
        response: httpx.Response = self._connection.send(
            "POST",
            self._endpoint,
            expect={200, 404},
            about="/",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode({"token": self._token}).encode(),
        )
        if response.status_code == 404:
            return None
        try:
            answer = response.json()
            return Account(username=str(answer["loginName"]), app_password=str(answer["appPassword"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable("The Nextcloud's answer to the sign-in makes no sense. Begin again.") from error
