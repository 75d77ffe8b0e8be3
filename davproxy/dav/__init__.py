"""The WebDAV door. wsgidav and cheroot live here alone."""
