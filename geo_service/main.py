"""Builds the app, nothing else."""
