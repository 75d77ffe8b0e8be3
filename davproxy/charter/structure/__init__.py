"""How a song is built: grid slots, sections, repetition."""
