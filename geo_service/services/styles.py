"""The map's styles, as doors may read them."""

from typing import Any

from geo_service.cartography import styles


def stylesheet() -> dict[str, Any]:
    """Return all styles and legends as JSON values."""
    return styles.stylesheet()
