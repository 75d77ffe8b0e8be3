"""A Clone Hero content manager: a song library on Nextcloud, served as a fast WebDAV drive."""
