"""Where the bytes live: Nextcloud, any WebDAV server, or a local folder. httpx lives here alone."""
