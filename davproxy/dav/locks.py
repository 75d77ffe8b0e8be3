"""WebDAV locks and dead properties: in memory, gone with what they belong to and with a restart."""

from typing import Any

from wsgidav.lock_man.lock_storage import LockStorageDict
from wsgidav.prop_man.property_manager import PropertyManager

LONGEST = 3600.0
"""Seconds a lock lives without being refreshed; a client that went away must not lock a song for a week."""
MOST = 10_000


class Locks(LockStorageDict):  # type: ignore[misc]
    """WsgiDAV's lock storage with short lives."""

    def create(self, path: str, lock: dict[str, Any]) -> dict[str, Any]:
        """Keep a new lock."""
        lock["timeout"] = _clamped(lock.get("timeout"))
        if len(self._dict) > MOST:
            self._dict.clear()
        return super().create(path, lock)  # type: ignore[no-any-return]

    def refresh(self, token: str, *, timeout: float) -> dict[str, Any]:
        """Begin a lock's life anew."""
        return super().refresh(token, timeout=_clamped(timeout))  # type: ignore[no-any-return]

    @property
    def any(self) -> bool:
        """Whether there is any lock; a cheap answer that may say yes for one that has just run out."""
        return bool(self._dict)

    def holds(self, path: str) -> bool:
        """Whether the quoted URL `path` itself is locked."""
        return bool(self.get_lock_list(path, include_root=True, include_children=False, token_only=True))


class Properties(PropertyManager):  # type: ignore[misc]
    """Properties that clients make up, such as davfs2's `executable`. Nothing of ours rests on them."""

    def any_in(self, reference: str) -> bool:
        """Whether the entry of that name, or one directly below it, has any."""
        stem = reference.rstrip("/") + "/"
        return any(
            (kept.startswith(stem) and "/" not in kept[len(stem) :].rstrip("/")) or kept + "/" == stem
            for kept, properties in list((self._dict or {}).items())
            if properties
        )

    def write_property(
        self, norm_url: str, name: str, property_value: bytes, dry_run: bool = False, environ: Any = None
    ) -> None:
        """Keep one."""
        if self._dict and len(self._dict) > MOST:
            self._dict.clear()
        super().write_property(norm_url, name, property_value, dry_run, environ)

    def forget(self, reference: str) -> None:
        """Drop those of an entry and of all below it."""
        for kept in list(self._dict or {}):
            if kept == reference or kept.startswith(reference.rstrip("/") + "/"):
                self.remove_properties(kept)


def _clamped(timeout: float | None) -> float:
    return LONGEST if timeout is None or timeout < 0 else min(float(timeout), LONGEST)
