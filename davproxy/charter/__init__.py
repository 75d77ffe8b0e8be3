"""Audio in, chart out; knows nothing of storage. All that reads, measures or draws signals lives here alone."""
