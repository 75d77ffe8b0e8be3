"""What clients that cannot run here send: recorded request sequences, replayed against the server."""
