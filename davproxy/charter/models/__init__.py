"""Trained models, their weights, and how they are evaluated."""
