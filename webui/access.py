"""Who may come in: the sign-in session for people, Basic for scripts, and nothing that another site started."""

import hashlib
import secrets
from urllib.parse import urlsplit

from apiflask import APIFlask
from flask import Blueprint, Response, render_template, request, session, url_for

from davproxy.access import REALM
from davproxy.settings import Settings
from webui.problems import problem
from webui.services import services

SAFE = ("GET", "HEAD", "OPTIONS")
OPEN = ("static", "access.sign_in", "access.sign_in_form")
"""Endpoints that answer without credentials."""

blueprint = Blueprint("access", __name__)


def register(app: APIFlask, settings: Settings) -> None:
    """Guard every route of `app`."""
    key = settings.secret_key or secrets.token_hex(32)
    app.secret_key = hashlib.sha256(f"{key}\0{settings.password}".encode()).digest()  # a new password ends sessions
    app.config.update(
        SESSION_COOKIE_NAME="davproxy",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.tls_certificate.name != "",
    )
    app.before_request(_refuse_other_sites)
    app.before_request(_refuse_strangers)
    app.register_blueprint(blueprint)


def _refuse_other_sites() -> Response | None:
    """403 for what a page of another site started: any change, and anything of the API."""
    if request.method in SAFE and not request.path.startswith("/api/"):
        return None
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != request.host):
        return problem(403, "This request comes from another site. Open the page here and try again.")
    return None


def _refuse_strangers() -> Response | None:
    parts = services()
    signed_in = session.get("user") == parts.settings.username
    if not parts.access.required or request.endpoint in OPEN or signed_in or parts.access.authenticate(request.environ):
        return None
    if request.path.startswith("/api/") or request.method not in SAFE:
        by_script = "Sec-Fetch-Mode" not in request.headers  # in a page the header would raise the browser's own dialog
        headers = {"WWW-Authenticate": f'Basic realm="{REALM}", charset="UTF-8"'} if by_script else None
        return problem(401, "Sign in first: on the page /sign-in, or with HTTP Basic.", headers=headers)
    return _to(url_for("access.sign_in_form", next=request.full_path.rstrip("?")))


@blueprint.get("/sign-in")
def sign_in_form() -> str | Response:
    """The sign-in page."""
    if not services().access.required:
        return _to("/")
    return render_template("sign_in.html", next=_local(request.args.get("next", "/")), name="", wrong=False)


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """Take the name and password; on success a session starts."""
    name = request.form.get("username", "")
    target = _local(request.form.get("next", "/"))
    if not services().access.check(name, request.form.get("password", ""), request.remote_addr or ""):
        return Response(render_template("sign_in.html", next=target, name=name, wrong=True), 401)
    session.clear()
    session["user"] = name
    return _to(target)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    session.clear()
    return _to("/sign-in")


def _local(target: str) -> str:
    """`target` if it stays on this site, else the front page."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


def _to(target: str) -> Response:
    return Response(status=303, headers={"Location": target})
