"""The paths of the tree that requests name, in a JSON object or a form."""

from typing import Self

from flask import request
from pydantic import Field, model_validator
from werkzeug.exceptions import UnsupportedMediaType

from davproxy import paths
from davproxy.errors import Forbidden, NotFound
from webui.api.shapes import Input, Path

URLENCODED = "application/x-www-form-urlencoded"
BODY_TYPES = ("application/json", URLENCODED, "multipart/form-data")


class Which(Input):
    """A path of the tree, by one of two names."""

    path: Path | None = None
    remote_path: Path | None = Field(None, description="The same as `path`.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.path is None) == (self.remote_path is None):
            raise ValueError("give the path, as “path” or as “remote_path”")
        return self

    @property
    def value(self) -> str:
        """The path, under whichever name it came."""
        return self.path or self.remote_path or ""


def check_type() -> None:
    """415 for a body that is neither JSON nor a form, such as JSON that is sent without its content type."""
    is_json_in_form = request.mimetype == URLENCODED and next(iter(request.form), "").startswith("{")
    if request.method == "POST" and (request.mimetype not in BODY_TYPES or is_json_in_form):
        raise UnsupportedMediaType


def visible_path(raw: str) -> str:
    """The normal form of `raw`. Raises NotFound unless it is a path that clients see."""
    path = paths.normalise(raw)
    if path != "/" and not paths.is_stored(path):
        raise NotFound(f"There is no folder “{paths.printable(path)}”.")
    return path


def path_shown(raw: str) -> str:
    """The normal form of `raw`, which may be in the read-only `/Status`. Raises NotFound as `visible_path` does."""
    path = paths.normalise(raw)
    return path if paths.is_at_or_below(path, paths.STATUS) else visible_path(raw)


def path_inside(raw: str, *, top: bool = False) -> str:
    """The normal form of a path below a top folder, or of a top folder if `top`. Raises Forbidden for any other."""
    path = visible_path(raw)
    if path == "/" or (path in paths.STORED and not top):
        raise Forbidden("The folders at the top stay as they are. Choose something inside one of them.")
    return path
