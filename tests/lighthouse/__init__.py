"""Lighthouse, which judges every page on a phone and on a desktop: `make lighthouse`."""
