"""What is written: the chart, song.ini, audio files, album art, plots."""
