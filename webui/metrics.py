"""/metrics: measurements for Prometheus, where METRICS asks for them."""

from flask import Blueprint, Response, abort

from davproxy.metrics import CONTENT_TYPE
from webui.services import services

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """The measurements as text; 404 where they are off."""
    found = services().metrics
    if found is None:
        abort(404)
    return Response(found.render(), content_type=CONTENT_TYPE)
