"""Which notes are played: onsets, melody, frets, drums, difficulties."""
