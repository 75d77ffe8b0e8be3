"""Authentication of the web door: a session for people, HTTP Basic for scripts; requests of other sites are refused."""

import hashlib
import re
import secrets
from urllib.parse import urlsplit

from apiflask import APIFlask
from flask import Blueprint, Flask, Response, render_template, request, session, url_for
from flask.sessions import SecureCookieSessionInterface

from davproxy.access import REALM
from davproxy.settings import Settings
from webui.problems import ADVICE, problem
from webui.services import services

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PUBLIC = ("static", "pages.robots", "access.sign_in", "access.sign_in_form")
"""Endpoints that need no credentials."""
PUBLIC_BODY_LIMIT = 16 * 1024
"""Largest body of a request without credentials, in bytes: short enough to be collected before a thread reads it."""
_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f\\]*")
"""A path and query. Browsers drop tabs and line ends, and take backslashes for slashes: `/<tab>/host` names a host."""

blueprint = Blueprint("access", __name__)


def register(app: APIFlask, settings: Settings) -> None:
    """Require credentials for every route of `app` but the public ones, and add the sign-in page."""
    app.secret_key = _session_key(settings)
    app.config.update(
        SESSION_COOKIE_NAME="davproxy",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=settings.session_max_age,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.session_interface = _Sessions()
    app.before_request(_limit_public_body)
    app.before_request(_refuse_cross_site)
    app.before_request(_require_credentials)
    app.register_blueprint(blueprint)


def _session_key(settings: Settings) -> bytes:
    """The key that signs sessions: the same after a restart, another after a change of the password.

    Without SECRET_KEY it is made from the credentials, slowly, because a cookie would let its owner try passwords.
    """
    if settings.secret_key:
        return hashlib.sha256(f"{settings.secret_key}\0{settings.password}".encode()).digest()
    if not settings.password:
        return secrets.token_bytes(32)  # nobody signs in
    salt = f"davproxy session\0{settings.username}".encode()
    return hashlib.scrypt(settings.password.encode(), salt=salt, n=2**14, r=8, p=1)


class _Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie, which browsers keep to https where they came by https, also through a proxy."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """Whether the cookie gets the attribute Secure."""
        return request.is_secure


def _limit_public_body() -> Response | None:
    """Refuse a long or slow body of a client without credentials, because reading it would occupy a thread."""
    if request.endpoint not in PUBLIC:
        return None
    if "Transfer-Encoding" in request.headers:
        return problem(411, ADVICE[411])
    if "Expect" in request.headers:
        return problem(417, "Send the request again without the header Expect.")
    request.max_content_length = PUBLIC_BODY_LIMIT
    return None


def _refuse_cross_site() -> Response | None:
    """403 for a change, or any request of the API, that a page of another site started."""
    if request.method in SAFE_METHODS and not request.path.startswith("/api/"):
        return None
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != request.host):
        return problem(403, "This request comes from another site. Open the page here and try again.")
    return None


def _require_credentials() -> Response | None:
    access = services().access
    if not access.required or request.endpoint in PUBLIC:  # the session stays unread, so caches need not vary by cookie
        return None
    if session.get("user") == services().settings.username or access.authenticate(request.environ):
        return None
    if request.path.startswith("/api/") or request.method not in SAFE_METHODS:
        is_script = "Sec-Fetch-Mode" not in request.headers  # the header makes browsers show a dialog of their own
        headers = {"WWW-Authenticate": f'Basic realm="{REALM}", charset="UTF-8"'} if is_script else None
        return problem(401, "Sign in first: on the page /sign-in, or with HTTP Basic.", headers=headers)
    return redirect(url_for("access.sign_in_form", next=request.full_path.rstrip("?")))


@blueprint.get("/sign-in")
def sign_in_form() -> str | Response:
    """The sign-in page."""
    if not services().access.required:
        return redirect("/")
    return render_template("sign_in.html", next=path_on_this_site(request.args.get("next", "/")), name="", wrong=False)


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """Check the name and password; start a session if they are right."""
    name = request.form.get("username", "")
    target = path_on_this_site(request.form.get("next", "/"))
    if not services().access.check(name, request.form.get("password", ""), request.remote_addr or ""):
        return Response(render_template("sign_in.html", next=target, name=name, wrong=True), 401)
    session.clear()
    session["user"], session.permanent = name, True
    return redirect(target)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    session.clear()
    return redirect("/sign-in")


def path_on_this_site(target: str) -> str:
    """`target` if it is a path, else the path of the first page."""
    return target if _PATH.fullmatch(target) else "/"


def redirect(target: str) -> Response:
    """303: a GET of `target`."""
    return Response(status=303, headers={"Location": target})
