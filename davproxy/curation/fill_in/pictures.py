"""The bytes of the pictures that proposals name."""

from davproxy import paths, pictures
from davproxy.curation.fill_in.from_audio import FromAudio
from davproxy.errors import BadImage, BadInput, Unavailable
from davproxy.formats import identify
from davproxy.library import Library
from davproxy.lookup.cover_art import CoverArt


class Pictures:
    """Reads files of the tree, pictures inside audio and, where LOOKUP is on, covers of the Cover Art Archive."""

    def __init__(self, library: Library, audio: FromAudio, covers: CoverArt | None) -> None:
        self._library, self._audio, self._covers = library, audio, covers

    def read(self, source: str) -> bytes:
        """The picture at a path of the tree or an address. Raises NotFound, BadInput, BadImage, Unavailable."""
        if not source.startswith("/"):
            if self._covers is None:
                raise BadInput("Looking up is switched off: set LOOKUP=yes.")
            try:
                return self._covers.picture(source)
            except Unavailable as error:  # what one server refuses is no reason to leave out the other songs
                raise BadImage(error.message) from error
        if identify.is_music(paths.name_of(source)):
            return self._audio.picture(source)
        if self._library.tree.stat(source).size > pictures.UPLOAD_BYTES:
            raise BadImage(f"“{paths.printable(source)}” is too large for a picture.")
        return self._library.tree.read(source)
