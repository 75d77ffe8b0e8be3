"""Clone Hero's file formats: bytes in, values out."""
