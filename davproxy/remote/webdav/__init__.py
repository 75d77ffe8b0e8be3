"""The remote on a WebDAV server: Nextcloud, or any other."""
