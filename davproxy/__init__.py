"""A Clone Hero content manager: a song library on Nextcloud, served as a fast WebDAV drive."""

__version__ = "1.0.0"
