"""What happens to an archive or an audio file that arrives: unpack, identify, chart, place."""
