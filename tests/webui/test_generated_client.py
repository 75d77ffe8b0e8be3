"""A client that openapi-python-client makes of the API document does all that a program of others wants to do."""

import base64
import importlib
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.charter.music import recording
from tests.webui.conftest import Site, Start
from tests.webui.songs import archive

pytestmark = pytest.mark.slow

NAME = "davproxy_client"
BYTES = (
    "application/zip", "audio/flac", "audio/mpeg", "audio/ogg", "audio/opus", "audio/wav", "image/jpeg", "image/png",
)  # fmt: skip
"""The media types that the generator must know to be bytes."""
ACCOUNT = {"APP_USERNAME": "jo", "APP_PASSWORD": "sécret"}


class Client:
    """The generated package, with a client that signs in."""

    def __init__(self, address: str) -> None:
        token = base64.b64encode(":".join(ACCOUNT.values()).encode()).decode()
        made = importlib.import_module(f"{NAME}.client")
        self._client = made.AuthenticatedClient(base_url=address, token=token, prefix="Basic", timeout=300.0)
        self.models = importlib.import_module(f"{NAME}.models")
        self._file = importlib.import_module(f"{NAME}.types").File

    def call(self, operation: str, *arguments: Any, status: int = 200, **options: Any) -> Any:
        """The parsed answer of an operation, by its group and its id."""
        module = importlib.import_module(f"{NAME}.api.{operation}")
        answer = module.sync_detailed(*arguments, client=self._client, **options)
        assert answer.status_code == status, answer.content
        return answer.parsed

    def close(self) -> None:
        self._client.get_httpx_client().close()

    def file(self, name: str, content: bytes) -> Any:
        return self._file(payload=io.BytesIO(content), file_name=name)


@pytest.fixture(scope="module")
def site(start_site: Start) -> Site:
    return start_site(served=True, **ACCOUNT)


@pytest.fixture(scope="module")
def client(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("client")
    spec = site.app.test_client().get("/api/openapi.json", auth=tuple(ACCOUNT.values())).json
    (folder / "openapi.json").write_text(json.dumps(spec))
    overrides = dict.fromkeys(BYTES, "application/octet-stream")
    (folder / "config.yaml").write_text(json.dumps({"content_type_overrides": overrides, "post_hooks": []}))
    done = subprocess.run(
        [
            sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none",
            "--config", "config.yaml", "--output-path", NAME, "--fail-on-warning",
        ],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = importlib.util.spec_from_file_location(NAME, folder / NAME / "__init__.py")
    assert found is not None
    assert found.loader is not None
    sys.modules[NAME] = importlib.util.module_from_spec(found)
    found.loader.exec_module(sys.modules[NAME])
    made = Client(site.url)
    yield made
    made.close()


def test_songs_are_uploaded_found_edited_and_deleted(client: Client) -> None:
    models = client.models
    uploaded = client.call(
        "uploads.post_uploads_upload",
        body=models.PostUploadsUploadBody(file=[client.file("pack.zip", archive("東京’s Night"))]),
    )
    (made,) = uploaded.songs
    page = client.call("songs.get_songs_find_songs", search="night")
    assert [song.id for song in page.songs] == [made.id]
    metadata = models.SongEditMetadataType0.from_dict({"genre": "Jazz", "diff_guitar": 3})
    client.call("songs.put_songs_edit_song", made.id, body=models.SongEdit(metadata=metadata, album="Łódź"))
    song = client.call("songs.get_songs_read_song", made.id)
    assert (song.album, song.metadata["genre"]) == ("Łódź", "Jazz")
    stale = client.call(
        "songs.put_songs_edit_song", made.id, body=models.SongEdit(album="B"), if_match='"stale"', status=412
    )
    assert stale.detail
    packed = client.call("songs.get_media_download", made.id)
    assert "notes.chart" in {name.rpartition("/")[2] for name in zipfile.ZipFile(packed.payload).namelist()}
    assert client.call("songs.get_artists_list_artists").artists
    client.call("songs.delete_songs_delete_song", made.id)
    problem = client.call("songs.get_songs_read_song", made.id, status=404)
    assert (problem.status, bool(problem.detail)) == (404, True)


def test_audio_becomes_a_song_whose_notes_are_read(client: Client, tmp_path: Path) -> None:
    audio = recording(tmp_path / "The Testers - First Song.wav", 128.0)
    body = client.models.PostGenerateGenerateBody(file=client.file(audio.name, audio.read_bytes()), genre="Test")
    generated = client.call("generator.post_generate_generate", body=body)
    chart = client.call(
        "songs.get_media_read_notes", generated.id,
        instrument="guitar", difficulty="expert",
    )  # fmt: skip
    assert chart.notes
    assert client.call("songs.get_media_audio", generated.id).payload.read(4) == b"OggS"
    assert client.call("songs.get_media_art", generated.id).payload.read(4) == b"\x89PNG"


def test_files_are_browsed_made_moved_deleted_and_restored(client: Client) -> None:
    models = client.models
    client.call("files.post_webdav_make_folder", body=models.Which(path="/Backgrounds/Öl"), status=201)
    body = models.PostWebdavUploadBody(path="/Backgrounds/Öl", file=[client.file("é.png", b"picture")])
    client.call("files.post_webdav_upload", body=body)
    client.call("files.post_webdav_move", body=models.Move(source="/Backgrounds/Öl/é.png", target="/Backgrounds/ß.png"))
    listing = client.call("files.get_webdav_browse", path="/Backgrounds")
    assert {entry.name for entry in listing.entries} == {"Öl", "ß.png"}
    client.call("files.delete_webdav_delete", path="/Backgrounds/ß.png")
    deleted = client.call("files.get_webdav_trash").entries[0]
    client.call("files.post_webdav_restore", body=models.Restore(key=deleted.key))
    assert client.call("files.get_webdav_browse", path="/Backgrounds").entries
    assert client.call("files.get_webdav_browse", path="/Songs/none", status=404).detail


def test_state_and_jobs_are_read(client: Client) -> None:
    assert client.call("library.get_health_health").status.value == "ok"
    assert client.call("library.post_sync_sync")
    assert client.call("jobs.get_jobs_list_jobs").jobs
    assert client.call("library.get_library_status")
