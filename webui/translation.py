"""The language of the pages: the person's choice, else what the browser prefers, else English."""

from pathlib import Path

from apiflask import APIFlask
from flask import Blueprint, Response, request
from flask_babel import Babel

from webui.access import path_on_this_site, redirect

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""The name of each language in that language, by its code. The templates and scripts are in English."""
COOKIE = "davproxy-language"
"""The cookie that stores the choice."""
COOKIE_AGE = 365 * 24 * 3600
"""Seconds."""
FOLDER = Path(__file__).parent / "translations"

blueprint = Blueprint("translation", __name__)


def register(app: APIFlask) -> None:
    """Let the templates of `app` translate, and people choose the language."""
    Babel(app, default_translation_directories=str(FOLDER), locale_selector=language)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.context_processor(
        lambda: {"language": language(), "chosen_language": _chosen_language(), "languages": LANGUAGES}
    )
    app.after_request(_name_language)
    app.register_blueprint(blueprint)


def language() -> str:
    """The code of the language that the page of the current request is in."""
    wanted = (code.split("-")[0].lower() for code, quality in request.accept_languages if quality > 0)
    return _chosen_language() or next((code for code in wanted if code in LANGUAGES), "en")


def _chosen_language() -> str:
    """The code of the language that the person chose; empty if none."""
    code = request.cookies.get(COOKIE, "")
    return code if code in LANGUAGES else ""


@blueprint.post("/language")
def choose() -> Response:
    """Store the choice in the browser, or delete it if empty, and show the page again."""
    response = redirect(path_on_this_site(request.headers.get("Referer", "/").removeprefix(request.host_url[:-1])))
    if (code := request.form.get("language", "")) in LANGUAGES:
        response.set_cookie(COOKIE, code, max_age=COOKIE_AGE, secure=request.is_secure, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(COOKIE)
    return response


def _name_language(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language()
        response.vary.update(("Accept-Language", "Cookie"))
    return response
