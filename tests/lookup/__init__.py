"""Tests of davproxy/lookup."""
