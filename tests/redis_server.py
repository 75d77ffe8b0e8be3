"""A Redis of its own for a test, which can be stopped, emptied, and started again on the same port."""

import signal
import socket
import subprocess
from pathlib import Path

import redis

from tests.serving import tool
from tests.waiting import wait_until


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RedisServer:
    """Listens on loopback with a password, and keeps nothing on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = tool("redis-server", "redis-server")
        self.port = free_port()
        self.url = f"redis://:hush-hush@127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        options = {"port": self.port, "bind": "127.0.0.1", "requirepass": "hush-hush", "save": "", "appendonly": "no"}
        command = [self._program, *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
        self._process = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL)
        wait_until(self._answers, "the Redis does not start")

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False

    def stop(self) -> None:
        """End it; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Have it stand still: connections stay open, and nothing is answered."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        self.client.flushall()

    def close(self) -> None:
        self.stop()
        self.client.close()
