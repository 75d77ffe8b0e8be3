"""When the beats are: tactus, tempo, meter, downbeats, and the grid of a chart."""
