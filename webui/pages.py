"""The pages: what a browser shows. They hold no data; their scripts ask the API for it."""

import hashlib
from functools import cache
from pathlib import Path
from typing import get_args

from apiflask import APIFlask
from flask import Blueprint, redirect, render_template, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from davproxy.errors import Forbidden
from davproxy.formats.chart import Instrument
from davproxy.model import Sort
from webui.services import services

blueprint = Blueprint("pages", __name__)

NAVIGATION = (
    ("dashboard", "/", "home", "Home"),
    ("songs", "/songs", "music", "Songs"),
    ("upload", "/upload", "upload", "Upload"),
    ("generator", "/generator", "wand", "Generate"),
    ("browser", "/browser", "folder", "Files"),
)
STATIC = Path(__file__).parent / "static"


def register(app: APIFlask) -> None:
    """Add the pages and what their templates use."""
    app.register_blueprint(blueprint)
    app.context_processor(
        lambda: {
            "asset": asset,
            "icon_of": icon_of,
            "navigation": NAVIGATION,
            "signed_in": "user" in session,
        }
    )


@blueprint.get("/")
def dashboard() -> str:
    """What there is, what happens, what is wrong."""
    return render_template("dashboard.html", current="dashboard", setup=services().setup)


@blueprint.get("/setup")
def setup() -> str:
    """Connecting to a Nextcloud, as long as there is none."""
    setup = services().setup
    if setup.refusal:
        raise Forbidden(setup.refusal)
    return render_template("setup.html", current="setup", setup=setup, folder=services().settings.nextcloud_remote_path)


@blueprint.get("/songs")
def songs() -> str:
    """The library."""
    instruments = [(instrument.value, instrument.name.replace("_", " ").capitalize()) for instrument in Instrument]
    sorts = [(name, "Changed" if name == "modified" else name.capitalize()) for name in get_args(Sort)]
    return render_template("songs.html", current="songs", instruments=instruments, sorts=sorts)


@blueprint.get("/songs/<int:song_id>")
def song(song_id: int) -> BaseResponse:
    """The short address of a song."""
    return redirect(url_for("pages.editor", song_id=song_id), 303)


@blueprint.get("/songs/<int:song_id>/edit")
def editor(song_id: int) -> str:
    """The editor of one song."""
    return render_template("editor.html", current="songs", song=services().library.songs.get(song_id))


@blueprint.get("/upload")
def upload() -> str:
    """Uploads."""
    settings = services().settings
    limit = f"{settings.upload_limit / 1024**3:.3g} GiB"
    return render_template("upload.html", current="upload", archives=settings.archive_extensions, limit=limit)


@blueprint.get("/generator")
def generator() -> str:
    """Audio in, chart out."""
    settings = services().settings
    return render_template(
        "generator.html", current="generator", audio=settings.audio_extensions, drums=settings.generate_drums
    )


@blueprint.get("/browser")
@blueprint.get("/browser/<path:path>")
def browser(path: str = "") -> str:  # noqa: ARG001 - the page's script reads it from the address bar
    """The tree."""
    return render_template("browser.html", current="browser")


def asset(name: str) -> str:
    """The address of a static file."""
    return url_for("static", filename=name)


@cache
def fingerprint() -> str:
    """A name for the content of all static files together: a part of their addresses, so that browsers may keep them.

    Scripts import each other by relative addresses, and so stay at one version.
    """
    content = hashlib.sha256()
    for file in sorted(file for file in STATIC.rglob("*") if file.is_file()):
        content.update(file.read_bytes())
    return content.hexdigest()[:12]


def icon_of(name: str) -> Markup:
    """An icon of icons.svg, as decoration."""
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(
        asset("icons.svg"), name
    )
