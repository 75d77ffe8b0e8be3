"""Audio in, spectral features out: decoding, onset strength, chroma, note activations."""
