"""A local folder as the remote."""
