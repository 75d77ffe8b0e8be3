"""The WebDAV door: GET, PROPFIND and the conditions of every request here, the other verbs by WsgiDAV."""
