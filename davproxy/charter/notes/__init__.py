"""The notes of a chart: their selection, melody, frets, drums and difficulties."""
