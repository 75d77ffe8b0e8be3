"""A WebDAV server as the remote: a Nextcloud with all it can do, or any other server."""
