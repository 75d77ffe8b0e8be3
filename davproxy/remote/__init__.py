"""Where the bytes live: Nextcloud, any WebDAV server, or a local folder. Only this package uses httpx and lxml."""
