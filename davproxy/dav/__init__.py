"""The WebDAV door: cheroot serves one front before WsgiDAV and the web pages."""
