"""Styles, legends, vector tiles, stand-alone maps."""
