"""Other people's servers that know about songs: MusicBrainz, the Cover Art Archive, LRCLIB. One file a server."""
