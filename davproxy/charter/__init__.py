"""Audio in, chart out; knows nothing of storage. librosa lives here alone."""
