"""The files of a song folder: the chart, song.ini, audio, album art, plots."""
