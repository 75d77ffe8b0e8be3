"""The HTML pages. They hold no data; their scripts request it from the API."""

import json
from collections.abc import Mapping

from apiflask import APIFlask
from flask import Blueprint, Response, render_template, request, session, url_for
from flask_babel import format_decimal, gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from davproxy.errors import Forbidden, NotFound
from davproxy.imports.kept_options import check_generated, is_generated
from davproxy.model import Sort
from davproxy.mounting import rclone
from davproxy.setting_types import PATTERN_FIELDS
from webui import modules, translation
from webui.services import services

blueprint = Blueprint("pages", __name__)

NAVIGATION = (
    ("dashboard", "/", "home", lazy_gettext("Home")),
    ("songs", "/songs", "music", lazy_gettext("Songs")),
    ("upload", "/upload", "upload", lazy_gettext("Upload")),
    ("generator", "/generator", "wand", lazy_gettext("Generate")),
    ("lists", "/lists", "list", lazy_gettext("Lists")),
    ("duplicates", "/duplicates", "copy", lazy_gettext("Duplicates")),
    ("browser", "/browser", "folder", lazy_gettext("Files")),
)
SORTS: Mapping[Sort, LazyString] = {
    "relevance": lazy_gettext("Best match"),
    "title": lazy_gettext("Title"),
    "artist": lazy_gettext("Artist"),
    "album": lazy_gettext("Album"),
    "genre": lazy_gettext("Genre"),
    "year": lazy_gettext("Year"),
    "charter": lazy_gettext("Charter"),
    "length": lazy_gettext("Length"),
    "modified": lazy_gettext("Changed"),
    "added": lazy_gettext("Added"),
    "nps": lazy_gettext("Notes a second"),
    "plays": lazy_gettext("Plays"),
    "stars": lazy_gettext("Stars"),
    "random": lazy_gettext("Random"),
}


def register(app: APIFlask) -> None:
    """Add the pages, and the functions and values that their templates use."""
    app.register_blueprint(blueprint)
    app.context_processor(
        lambda: {
            "asset": asset,
            "icon_of": icon_of,
            "imports_of": modules.imports_of,
            "is_generated": is_generated,
            "navigation": NAVIGATION,
            "user": session.get("user", ""),
        }
    )


@blueprint.get("/")
def dashboard() -> str:
    """The dashboard: the library in numbers, jobs, problems."""
    return render_template(
        "dashboard.html", current="dashboard", setup=services().setup, rclone_flags=" ".join(rclone.FLAGS)
    )


@blueprint.get("/robots.txt")
def robots() -> Response:
    """robots.txt, which excludes search engines."""
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")


@blueprint.get("/setup")
def setup() -> str:
    """The page that connects a Nextcloud. Raises Forbidden once one is set up."""
    setup = services().setup
    if setup.refusal:
        raise Forbidden(setup.refusal)
    return render_template("setup.html", current="setup", setup=setup, folder=services().settings.nextcloud_remote_path)


@blueprint.get("/<any(artists, albums, genres, charters):names>")
def song_names(names: str) -> str:
    """All artists, albums, genres or charters."""
    titles = {
        "artists": gettext("Artists"),
        "albums": gettext("Albums"),
        "genres": gettext("Genres"),
        "charters": gettext("Charters"),
    }
    return render_template("names.html", current="songs", kind=names[:-1], title=titles[names])


@blueprint.get("/<any(artist, album, genre, charter):kind>")
def song_group(kind: str) -> str:
    """The songs of the artist, album, genre or charter whose name is given as `name`."""
    if not (name := request.args.get("name", "")):
        address = f"/{kind}?name=…"
        raise NotFound(gettext("Give the name: %(address)s", address=address))
    return _songs(kind, name)


@blueprint.get("/songs")
def songs() -> str:
    """The list of songs."""
    return _songs()


def _songs(kind: str = "", name: str = "") -> str:
    return render_template("songs.html", current="songs", sorts=SORTS.items(), kind=kind, name=name)


@blueprint.get("/songs/<int:song_id>")
def song(song_id: int) -> str:
    """A song on the highway."""
    return render_template("song.html", current="songs", song=services().library.songs.get(song_id))


@blueprint.get("/songs/<int:song_id>/edit")
def editor(song_id: int) -> str:
    """The editor of one song."""
    return render_template("editor.html", current="songs", song=services().library.songs.get(song_id))


@blueprint.get("/songs/<int:song_id>/problems")
def song_problems(song_id: int) -> str:
    """The problems of one song, and their repairs."""
    return render_template("song_problems.html", current="songs", song=services().library.songs.get(song_id))


@blueprint.get("/songs/<int:song_id>/files")
def song_files(song_id: int) -> str:
    """The files of one song."""
    return render_template("song_files.html", current="songs", song=services().library.songs.get(song_id))


@blueprint.get("/songs/<int:song_id>/chart")
def song_chart(song_id: int) -> str:
    """The page that corrects the chart of a generated song. Raises NotFound for any other song."""
    song = services().library.songs.get(song_id)
    check_generated(song)
    return render_template("song_chart.html", current="songs", song=song)


@blueprint.get("/songs/<int:song_id>/history")
def song_history(song_id: int) -> str:
    """What happened to one song."""
    return render_template("song_history.html", current="songs", song=services().library.songs.get(song_id))


@blueprint.get("/upload")
def upload() -> str:
    """The upload page."""
    settings = services().settings
    limit = f"{format_decimal(round(settings.upload_limit / 1024**3, 2))} GiB"
    return render_template("upload.html", current="upload", archives=settings.archive_extensions, limit=limit)


@blueprint.get("/generator")
def generator() -> str:
    """The page of the charter: audio in, chart out."""
    settings = services().settings
    return render_template(
        "generator.html", current="generator", audio=settings.audio_extensions, drums=settings.generate_drums
    )


@blueprint.get("/duplicates")
def duplicates() -> str:
    """The page of the duplicates."""
    return render_template("duplicates.html", current="duplicates")


@blueprint.get("/repairs")
def repairs() -> str:
    """The page of the repairs."""
    return render_template("repairs.html", current="duplicates")


@blueprint.get("/organiser")
def organiser() -> str:
    """The page that moves songs to their folders."""
    pattern = services().settings.song_folders
    return render_template("organiser.html", current="duplicates", pattern=pattern, fields=PATTERN_FIELDS)


@blueprint.get("/fill-in")
def fill_in() -> str:
    """The page that proposes what songs lack."""
    return render_template("fill_in.html", current="duplicates", lookup=services().settings.lookup)


@blueprint.get("/lists")
def lists() -> str:
    """The lists of songs."""
    return render_template("lists.html", current="lists")


@blueprint.get("/scores")
def scores() -> str:
    """The scores of players."""
    return render_template("scores.html", current="lists")


@blueprint.get("/browser")
@blueprint.get("/browser/<path:path>")
def browser(path: str = "") -> str:
    """The file browser. Nothing can be added at the top and to Status, so these have no buttons for it."""
    return render_template("browser.html", current="browser", is_fixed=path in ("", "Status"))


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """The web app manifest, with which a phone installs the pages as an app."""
    icon = {"src": asset("logo.svg"), "sizes": "any", "type": "image/svg+xml"}
    values = {
        "name": "davproxy",
        "short_name": "davproxy",
        "description": gettext("Your Clone Hero songs"),
        "lang": translation.language(),
        "id": "/",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#0c0d11",
        "theme_color": "#0c0d11",
        "icons": [{**icon, "purpose": purpose} for purpose in ("any", "maskable")],
    }
    return Response(json.dumps(values), mimetype="application/manifest+json")


@blueprint.get("/trash")
def trash() -> str:
    """The trash bin, and the latest changes of songs."""
    return render_template("trash.html", current="browser")


def asset(name: str) -> str:
    """The URL of a static file."""
    return url_for("static", filename=name)


def icon_of(name: str) -> Markup:
    """A decorative icon of icons.svg."""
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(
        asset("icons.svg"), name
    )
