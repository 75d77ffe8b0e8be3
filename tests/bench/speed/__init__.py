"""How fast a library is through us, through rclone, and directly: `make bench`."""
