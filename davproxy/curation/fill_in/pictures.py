"""The bytes of the pictures that proposals name."""

from davproxy import paths, pictures
from davproxy.curation.fill_in.from_audio import FromAudio
from davproxy.errors import BadImage
from davproxy.formats import identify
from davproxy.library import Library


class Pictures:
    """Reads them: files of the tree, and pictures inside audio."""

    def __init__(self, library: Library, audio: FromAudio) -> None:
        self._library, self._audio = library, audio

    def read(self, source: str) -> bytes:
        """The picture at a path of the tree. Raises NotFound, BadImage, Unavailable."""
        if identify.is_music(paths.name_of(source)):
            return self._audio.picture(source)
        if self._library.tree.stat(source).size > pictures.UPLOAD_BYTES:
            raise BadImage(f"“{paths.printable(source)}” is too large for a picture.")
        return self._library.tree.read(source)
