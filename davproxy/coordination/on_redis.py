"""The coordination of instances on a Redis or Valkey."""

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import redis
from loguru import logger
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import RedisError, WatchError
from redis.retry import Retry

from davproxy.coordination.protocol import AWAY, NEWER, Receiver, Table
from davproxy.errors import Unavailable

T = TypeVar("T")
FORMAT = 1
"""The version of what tables, claims and notices hold: one more where an older program would misread it. A program
reads older ones too, and leaves a Redis with a newer one alone."""
ANSWER_SECONDS = 2.0
"""Timeout of an answer of the Redis."""
PAUSE_SECONDS = 0.5
"""Pause between attempts to reach a Redis that is away."""
CHECK_SECONDS = 1.0
"""Interval of checks that the Redis still answers, while no notice comes."""
ATTEMPTS = 200
"""Most attempts to change a table that others keep changing."""
_CLAIM = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class NewerFormatError(RedisError):
    """What another instance stored has a newer format."""


class OnRedis:
    """One instance; `Coordination` documents each method.

    A table is a hash with JSON as values, a claim a key that expires, a notice a message of one channel. The keys of
    each library begin with a digest of its name.
    """

    is_shared = True

    def __init__(self, url: str, library: str) -> None:
        """`library` names the library, the same in all its instances. Nothing is sent before a method is called."""
        self.instance = uuid.uuid4().hex[:12]
        self.problem = ""
        self._prefix = f"davproxy:{hashlib.sha256(library.encode()).hexdigest()[:16]}"
        self._redis = _client(url, retries=1)  # reopens a connection that was closed while idle
        self._channels = _client(url, retries=0)  # without a retry, because a break loses notices
        self._claim, self._release = self._redis.register_script(_CLAIM), self._redis.register_script(_RELEASE)
        self._ahead = time.time() - time.monotonic()
        self._claims: set[str] = set()
        self._receivers: dict[str, list[Receiver]] = {}
        self._subscribers: list[Callable[[], None]] = []
        self._stop = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="coordination", daemon=True)

    def _key(self, kind: str, name: str) -> str:
        return f"{self._prefix}:{kind}:{name}"

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Translate errors of the client to Unavailable; raise it at once while the listening thread fails too."""
        if self.problem and self._thread.is_alive():
            raise Unavailable(self.problem)
        try:
            if not self._thread.is_alive():
                self._check_format()
            yield
        except RedisError as error:
            self._note_problem(error)
            raise Unavailable(self.problem) from error

    def _note_problem(self, error: RedisError) -> None:
        if not self.problem:
            logger.warning("The Redis cannot be used: {}", error)
        self.problem = NEWER if isinstance(error, NewerFormatError) else AWAY

    def now(self) -> float:
        """Unix seconds of the Redis, as of the last reading of its clock."""
        return time.monotonic() + self._ahead

    def table(self, name: str) -> Table:
        """All values of the hash."""
        with self._translate_errors():
            return _decode(self._redis.hgetall(self._key("table", name)))

    def change(self, name: str, change: Callable[[Table], T]) -> T:
        """Store what `change` changed, unless another instance changed the table meanwhile: then try again."""
        key = self._key("table", name)
        with self._translate_errors(), self._redis.pipeline() as pipe:
            for _ in range(ATTEMPTS):
                try:
                    pipe.watch(key)
                    before = {str(field): str(value) for field, value in pipe.hgetall(key).items()}
                    table = _decode(before)
                    result = change(table)
                    after = {field: _encode(value) for field, value in table.items()}
                    pipe.multi()
                    written: dict[Any, Any] = {
                        field: value for field, value in after.items() if before.get(field) != value
                    }
                    if written:
                        pipe.hset(key, mapping=written)
                    if gone := before.keys() - after.keys():
                        pipe.hdel(key, *gone)
                    pipe.execute()
                    return result
                except WatchError:
                    continue
        raise Unavailable(AWAY)

    def put(self, name: str, key: str, value: Any) -> None:
        """Set or delete one field of the hash."""
        with self._translate_errors():
            if value is None:
                self._redis.hdel(self._key("table", name), key)
            else:
                self._redis.hset(self._key("table", name), key, _encode(value))

    def claim(self, name: str, seconds: float) -> bool:
        """Set the key with an expiry, unless another instance has set it."""
        with self._translate_errors():
            taken = bool(self._claim([self._key("claim", name)], [self.instance, int(seconds * 1000)]))
        (self._claims.add if taken else self._claims.discard)(name)
        return taken

    def release(self, name: str) -> None:
        """Delete the key, if this instance has set it."""
        with self._translate_errors():
            self._release([self._key("claim", name)], [self.instance])
        self._claims.discard(name)

    def holder(self, name: str) -> str:
        """The content of the key."""
        with self._translate_errors():
            return str(self._redis.get(self._key("claim", name)) or "")

    def send(self, topic: str, message: Any) -> None:
        """Publish on the channel. Where that fails, every instance syncs by itself once the Redis is back."""
        with suppress(Unavailable), self._translate_errors():
            self._redis.publish(f"{self._prefix}:notices", _encode([self.instance, topic, message]))

    def receive(self, topic: str, receiver: Receiver) -> None:
        """Add a receiver."""
        self._receivers.setdefault(topic, []).append(receiver)

    def on_reconnect(self, subscriber: Callable[[], None]) -> None:
        """Add a subscriber."""
        self._subscribers.append(subscriber)

    def start(self) -> None:
        """Listen in a thread of its own. Waits for the Redis for a moment."""
        self._thread.start()
        self._listening.wait(ANSWER_SECONDS)

    def close(self) -> None:
        """End the thread, release all claims, close the connections."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2 * ANSWER_SECONDS)
        try:
            for name in list(self._claims):  # its own ones also while a newer version keeps it from the rest
                self._release([self._key("claim", name)], [self.instance])
        except RedisError:
            logger.debug("The claims of this instance end by themselves")
        self._redis.close()
        self._channels.close()

    # Listening

    def _listen(self) -> None:
        """Deliver notices until the end; reconnect after each break."""
        first = True
        while not self._stop.is_set():
            try:
                with self._channels.pubsub() as channel:
                    channel.subscribe(f"{self._prefix}:notices")
                    self._store_format()
                    self._read_clock()
                    if self.problem:
                        logger.info("The Redis can be used again.")
                    self.problem = ""
                    self._listening.set()
                    if not first:
                        self._call_subscribers()
                    first = False
                    self._hand_out(channel)
            except RedisError as error:
                first = False  # notices may have been lost
                self._note_problem(error)
                self._stop.wait(PAUSE_SECONDS)

    def _hand_out(self, channel: PubSub) -> None:
        checked = time.monotonic()
        while not self._stop.is_set():
            message = channel.get_message(ignore_subscribe_messages=True, timeout=CHECK_SECONDS)
            if message is not None and message["type"] == "message":
                sender, topic, content = json.loads(message["data"])
                if sender != self.instance:
                    self._deliver(topic, content)
            if time.monotonic() - checked >= CHECK_SECONDS:
                checked = time.monotonic()
                channel.ping()
                self._store_format()
                self._read_clock()
                self.problem = ""

    def _check_format(self) -> int:
        """The format of what is stored, 0 where nothing is. Raises NewerFormatError."""
        found = int(self._redis.get(f"{self._prefix}:format") or 0)
        if found > FORMAT:
            raise NewerFormatError(NEWER)
        return found

    def _store_format(self) -> None:
        """Say which format this instance stores. Only one that was started does: a command must not stop older ones."""
        if self._check_format() < FORMAT:
            self._redis.set(f"{self._prefix}:format", FORMAT)

    def _read_clock(self) -> None:
        """Read the clock of the Redis."""
        asked = time.monotonic()
        seconds, micros = self._redis.time()
        answered = time.monotonic()
        self._ahead = seconds + micros / 1e6 - (asked + answered) / 2

    def _call_subscribers(self) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber()
            except Exception:  # noqa: BLE001 - an error of one does not stop the others
                logger.exception("After a break of the Redis something failed")

    def _deliver(self, topic: str, message: Any) -> None:
        for receiver in self._receivers.get(topic, ()):
            try:
                receiver(message)
            except Exception:  # noqa: BLE001 - an error with one notice does not stop the next
                logger.exception("A notice of another instance could not be used")


def _client(url: str, *, retries: int) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), retries),
        protocol=2,
    )


def _encode(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _decode(values: Any) -> Table:
    return {key: json.loads(value) for key, value in values.items()}
