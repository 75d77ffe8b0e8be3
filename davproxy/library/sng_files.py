"""An .sng file of the library, read from the remote in a few short ranges."""

from davproxy.contents.contents import Contents
from davproxy.errors import BadSng
from davproxy.formats import identify, notes, sng
from davproxy.model import Entry


class SngFiles:
    """Headers and members of .sng files."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def header(self, entry: Entry) -> sng.Sng:
        """Metadata and members. Raises BadSng."""
        return sng.parse(self.header_bytes(entry), entry.size)

    def header_bytes(self, entry: Entry) -> bytes:
        """The bytes of the header, in at most three short reads. Raises BadSng."""
        start = b""
        while len(start) < (needed := min(entry.size, sng.header_size(start))):
            with self._contents.stream(entry, len(start), needed - len(start)) as blocks:
                start += b"".join(blocks)
        return start

    def notes(self, entry: Entry) -> bytes | None:
        """The notes file inside; None where there is none or the .sng cannot be read.

        Raises BadChart for one that is too large to be a chart.
        """
        try:
            header = self.header(entry)
            member = header.members.get(identify.notes_file(header.sizes) or "")
            if member is None:
                return None
            notes.check_size(member.name, member.size)
            with self._contents.stream(entry, member.offset, member.size) as blocks:
                return sng.unmask(header, b"".join(blocks))
        except BadSng:
            return None
