"""Audio in, chart out. Knows nothing of storage. All signal processing and drawing is here and nowhere else."""
