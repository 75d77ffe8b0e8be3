"""Step: files that arrive in a folder of /Drop after its song was moved into the library join the song there."""

from davproxy import paths
from davproxy.errors import AlreadyExists, Conflict, NotFound
from davproxy.formats import identify
from davproxy.formats.identify import FileKind
from davproxy.library import Library


def join_song(library: Library, source: str) -> None:
    """Move the late files in the folder at `source`, and below it, to their songs; delete it if it is empty then.

    A file stays where it is if the song has one of its name, or if notes or a song.ini came with it: those make another
    song.
    """
    expected = library.imported_folders.below(source)
    for folder, song in expected.items():
        names = [_name_in(folder, entry.path) for entry in library.tree.below(folder) if not entry.is_folder]
        if any(map(_makes_a_song, names)) or library.tree.find(song) is None:
            continue
        for name in names:
            try:
                library.tree.make_folder(paths.parent_of(paths.join(song, name)))
                library.tree.move(paths.join(folder, name), paths.join(song, name))
            except (AlreadyExists, Conflict, NotFound):
                continue
    if expected and all(entry.is_folder for entry in library.tree.below(source)):
        library.tree.delete(source)


def _name_in(folder: str, path: str) -> str:
    return path.removeprefix(f"{folder}/")


def _makes_a_song(name: str) -> bool:
    return name.lower() == identify.INI_NAME or identify.file_kind(name) is FileKind.NOTES
