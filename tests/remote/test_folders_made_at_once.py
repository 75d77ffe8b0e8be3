"""A folder that somebody else makes at the same moment is there all the same, whatever the server answers."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from davproxy.errors import RemoteRefused
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.remote.conftest import FOLDERS, wsgidav
from tests.remote.servers import PASSWORD, USER


@pytest.mark.parametrize("made_by_another", [True, False])
def test_a_refused_mkcol(tmp_path: Path, made_by_another: bool) -> None:
    """Apache answers 403 where two make one folder at once, and also where it may not write."""
    served = tmp_path / "served"

    def refusing(app: WSGIApplication) -> WSGIApplication:
        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            folder = served / environ["PATH_INFO"].strip("/")
            if environ["REQUEST_METHOD"] == "MKCOL" and folder.name == "Ann":
                if made_by_another:
                    folder.mkdir()
                start_response("403 Forbidden", [("Content-Length", "0")])
                return [b""]
            return app(environ, start_response)

        return answer

    with wsgidav(served, refusing) as url, closing(Nextcloud(url, USER, PASSWORD, "Library", FOLDERS)) as remote:
        remote.connect()
        if made_by_another:
            remote.make_folder("/Songs/Ann/One")
            assert remote.stat("/Songs/Ann/One").is_folder
        else:
            with pytest.raises(RemoteRefused):
                remote.make_folder("/Songs/Ann/One")
