"""Every error that the product raises on purpose. Errors of libraries are translated into these once, at the boundary.

    DavproxyError
    ├── SettingsError          a setting is missing or malformed
    ├── BadInput         422   the input cannot be used; nothing was changed
    │   ├── BadPath      400   a path or name that no file may have
    │   ├── BadBody      400   a request body that was cut short or is malformed
    │   ├── BadIni             song.ini that cannot be read
    │   ├── BadChart           notes.chart or notes.mid that cannot be read
    │   ├── BadSng             .sng that cannot be read
    │   ├── BadArchive         archive that is broken, encrypted, hostile or has no song
    │   ├── BadAudio           audio that cannot be decoded or charted
    │   └── BadImage           picture that cannot be used
    ├── NotFound         404   no such file, folder, song or job
    ├── AlreadyExists    409   something exists there already
    ├── WrongKind        409   a file where a folder should be, or a folder where a file should be
    ├── Forbidden        403   the remote or our own rules refuse it
    │   └── RemoteRefused      the remote refuses it
    ├── Conflict         412   it was changed elsewhere meanwhile; nothing was overwritten
    ├── BreaksScores     409   the edit changes the song's identity, and would orphan players' scores
    ├── ReplacesEdits    409   a new chart would replace notes that a person edited
    ├── Locked           423   it is in use; try again
    ├── TooLarge         413   over a limit
    ├── TooSlow          408   the client sends too slowly
    ├── TooManyAttempts  429   too many wrong passwords
    ├── NoSpace          507   the quota or the disk is full
    ├── Cancelled        409   a person stopped the job
    └── Unavailable      503   the remote cannot be reached or fails; try again later
        └── SignInRefused      the remote refuses our user name or password

Each message is one or two sentences that a player understands, and says what to do. It never holds a secret.
"""

from typing import ClassVar


class DavproxyError(Exception):
    """Base of the tree; `status` is the HTTP status of both doors."""

    status: ClassVar[int] = 500

    @property
    def message(self) -> str:
        """The text for a player."""
        return str(self.args[0]) if self.args else type(self).__name__


class SettingsError(DavproxyError):
    """A setting is missing or malformed; the message names it."""


class BadInput(DavproxyError):
    """The input cannot be used; nothing was changed."""

    status = 422


class BadPath(BadInput):
    """A path or name that no file may have."""

    status = 400


class BadBody(BadInput):
    """A request body that was cut short or is malformed."""

    status = 400


class BadIni(BadInput):
    """A song.ini that cannot be read."""


class BadChart(BadInput):
    """A notes.chart or notes.mid that cannot be read."""


class BadSng(BadInput):
    """An .sng file that cannot be read."""


class BadArchive(BadInput):
    """An archive that is broken, encrypted, hostile, or holds no song."""


class BadAudio(BadInput):
    """Audio that cannot be decoded or charted."""


class BadImage(BadInput):
    """A picture that cannot be used."""


class NotFound(DavproxyError):
    """No such file, folder, song or job."""

    status = 404


class AlreadyExists(DavproxyError):
    """Something exists there already."""

    status = 409


class WrongKind(DavproxyError):
    """A file where a folder should be, or a folder where a file should be."""

    status = 409


class Forbidden(DavproxyError):
    """The remote or our own rules refuse it."""

    status = 403


class RemoteRefused(Forbidden):
    """The remote refuses it, such as a folder that is shared read-only. The API responds 502."""


class Conflict(DavproxyError):
    """It was changed elsewhere meanwhile; nothing was overwritten."""

    status = 412


class BreaksScores(DavproxyError):
    """The edit changes the song's identity, and would orphan players' scores; it must be confirmed."""

    status = 409


class ReplacesEdits(DavproxyError):
    """A new chart would replace notes that a person edited; it must be confirmed."""

    status = 409


class Locked(DavproxyError):
    """It is in use; the same call may succeed a moment later."""

    status = 423


class TooLarge(DavproxyError):
    """Over a limit."""

    status = 413


class TooSlow(DavproxyError):
    """The client sends too slowly."""

    status = 408


class TooManyAttempts(DavproxyError):
    """Too many wrong passwords from one address."""

    status = 429


class NoSpace(DavproxyError):
    """The quota or the disk is full."""

    status = 507


class Cancelled(DavproxyError):
    """A person stopped the job."""

    status = 409


class Unavailable(DavproxyError):
    """The remote cannot be reached or fails; the same call may succeed later."""

    status = 503


class SignInRefused(Unavailable):
    """The remote refuses our user name or password."""
