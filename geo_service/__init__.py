"""Community environment map: coverage, service circles and projects of a community on one map."""

__version__ = "0.1.0"
