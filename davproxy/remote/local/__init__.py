"""The remote in a local folder."""
