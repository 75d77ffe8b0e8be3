"""Random clients at several instances while the Nextcloud and the Redis fail and instances are killed: `make storm`."""
