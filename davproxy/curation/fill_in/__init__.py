"""Proposals for what songs lack, written once a person accepts them. One file a source."""
