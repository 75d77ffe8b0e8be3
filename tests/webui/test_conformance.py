"""Every response of the API conforms to its document, and no request causes a server error."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.webui.conftest import Start
from tests.webui.songs import add_song

pytestmark = pytest.mark.slow
UNCOMPRESSED = {"Accept-Encoding": "identity"}
"""Schemathesis accepts compressed responses, and does not decompress those of a WSGI application."""


@pytest.fixture(scope="module")
def schema(start_site: Start) -> schemathesis.BaseSchema:
    """The document of a site with a song, a file and a job in it."""
    site = start_site()
    song = add_song(site.library, "Title", art="red")
    site.library.tree.write("/Backgrounds/a.png", b"picture")
    assert site.client.post("/api/library/sync").status_code == 200
    loaded = schemathesis.openapi.from_wsgi("/api/openapi.json", site.app)
    job = site.get("/api/jobs")["jobs"][0]["id"]

    @schemathesis.hook
    def map_path_parameters(_context: object, parameters: dict[str, object] | None) -> dict[str, object] | None:
        """In half of the requests an id that exists."""
        for name, real in (("song_id", song.id), ("job_id", job)):
            if parameters and name in parameters and hash(str(parameters[name])) % 2:
                parameters[name] = real
        return parameters

    @schemathesis.hook
    def map_body(_context: object, body: Any) -> Any:
        """No address that a server could have, since a test connects to nobody."""
        for part in (body, body.get("account") if isinstance(body, dict) else None):
            if isinstance(part, dict) and isinstance(part.get("url"), str):
                part["url"] = f"none:/{part['url']}"
        return body

    return loaded


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_response_conforms_to_the_document(schema: schemathesis.BaseSchema, mode: GenerationMode) -> None:
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    answers = Counter[int]()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(
            max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case[Any]) -> None:
            answers[case.call_and_validate(checks=checks, headers=UNCOMPRESSED).status_code] += 1

        with suppress(Unsatisfiable):  # an operation without parameters has no invalid request
            ask()
    assert sum(answers.values()) > 300
    assert answers[422] > 20 or mode is GenerationMode.POSITIVE
