"""The file formats of Clone Hero and its relatives: bytes in, values out. Nothing here reads a disk or a network."""
