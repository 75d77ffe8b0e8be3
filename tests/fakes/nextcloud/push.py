"""notify_push, as the app Client Push brings it: a websocket that reports changes to whoever signed in."""

import threading
from contextlib import suppress
from typing import Protocol, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve


class Account(Protocol):
    """Who may listen."""

    user: str
    password: str


class Push:
    """The websocket, on a port of its own. Serves inside a `with`."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._signed_in: set[ServerConnection] = set()
        self.connections = 0
        """How many were opened."""
        self._server = serve(self._attend, "127.0.0.1", 0)
        host, port = self._server.socket.getsockname()
        self.url = f"ws://{host}:{port}/push/ws"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()
        self._server.shutdown()
        self._thread.join()

    @property
    def listeners(self) -> int:
        """How many are signed in now."""
        return len(self._signed_in)

    def report(self, message: str = "notify_file") -> None:
        """Send a message to all who are signed in."""
        for listener in list(self._signed_in):
            with suppress(ConnectionClosed):
                listener.send(message)

    def drop(self) -> None:
        """End all connections, as a restart of the service does."""
        for listener in list(self._signed_in):
            listener.close(1012)

    def _attend(self, client: ServerConnection) -> None:
        self.connections += 1
        with suppress(ConnectionClosed):
            user, password = client.recv(), client.recv()
            if (user, password) != (self._account.user, self._account.password):
                client.send("err: Invalid credentials")
                return
            self._signed_in.add(client)
            client.send("authenticated")
            for _ in client:
                pass
        self._signed_in.discard(client)
