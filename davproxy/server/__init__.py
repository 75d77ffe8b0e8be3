"""The HTTP server under both doors; it knows neither WebDAV nor songs."""
