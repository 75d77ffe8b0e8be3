"""`Locks` as the storage that WsgiDAV's lock manager wants: dictionaries with WsgiDAV's keys."""

from typing import Any
from uuid import uuid4

from wsgidav.dav_error import (
    HTTP_LOCKED,
    HTTP_PRECONDITION_FAILED,
    DAVError,
    DAVErrorCondition,
    PRECONDITION_CODE_LockConflict,
    PRECONDITION_CODE_LockTokenMismatch,
)

from davproxy.dav.locks import LONGEST, Lock, Locks

PRINCIPAL = "player"
"""The one person there is; WsgiDAV wants a name for the holder of a lock."""


class LockStorage:
    """See `wsgidav.lock_man.lock_storage.LockStorageDict` for what each method is called for.

    The lock manager checks for conflicts before it calls `create`; only the check here is atomic.
    """

    def __init__(self, locks: Locks) -> None:
        self.locks = locks

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def get(self, token: str) -> dict[str, Any] | None:
        """The lock with this token."""
        lock = self.locks.get(token)
        return _as_dict(lock) if lock else None

    def create(self, path: str, lock: dict[str, Any]) -> dict[str, Any]:
        """Keep a new lock; `lock` gets its token and its end. Raises 423 where another lock excludes it."""
        now = self.locks.now()
        new = Lock(
            token=f"opaquelocktoken:{uuid4()}",
            path=path,
            exclusive=lock["scope"] == "exclusive",
            deep=lock["depth"] == "infinity",
            owner=_element(lock["owner"]),
            began=now,
            ends=now + _lifetime(lock["timeout"]),
        )
        if excluding := self.locks.add(new):
            condition = DAVErrorCondition(PRECONDITION_CODE_LockConflict)
            for other in excluding:
                condition.add_href(other)
            raise DAVError(HTTP_LOCKED, err_condition=condition)
        lock |= _as_dict(new)
        return lock

    def refresh(self, token: str, *, timeout: float) -> dict[str, Any]:
        """Let a lock live on. Raises 412 where it has ended."""
        lock = self.locks.renew(token, self.locks.now() + _lifetime(timeout))
        if lock is None:
            raise DAVError(HTTP_PRECONDITION_FAILED, err_condition=PRECONDITION_CODE_LockTokenMismatch)
        return _as_dict(lock)

    def delete(self, token: str) -> bool:
        """End a lock."""
        return self.locks.end(token)

    def get_lock_list(
        self, path: str, *, include_root: bool, include_children: bool, token_only: bool
    ) -> list[dict[str, Any]] | list[str]:
        """The locks on `path` itself, and on what lies below it."""
        found = self.locks.at(path) if include_root else []
        if include_children:
            found += self.locks.below(path)
        return [lock.token for lock in found] if token_only else [_as_dict(lock) for lock in found]


def _as_dict(lock: Lock) -> dict[str, Any]:
    return {
        "token": lock.token,
        "root": lock.path,
        "type": "write",
        "scope": "exclusive" if lock.exclusive else "shared",
        "depth": "infinity" if lock.deep else "0",
        "owner": lock.owner.encode(),
        "principal": PRINCIPAL,
        "timeout": lock.ends - lock.began,
        "expire": lock.ends,
    }


def _element(document: bytes) -> str:
    """The one element of an XML document as text, without declaration; empty where there is none."""
    text = document.decode()
    text = text.partition("?>")[2] if text.startswith("<?xml") else text
    return text[: text.rfind(">") + 1].strip()


def _lifetime(timeout: float | None) -> float:
    """The lifetime in seconds of a lock that a client requests with `timeout`; a negative timeout means no end."""
    return LONGEST if timeout is None or timeout < 0 else min(float(timeout), LONGEST)
