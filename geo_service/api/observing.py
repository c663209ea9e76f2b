"""What is seen of a request once it is answered: its route's template, never its path, and nobody's values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from geo_service.domain.layers import LAYERS

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED: Final = "unmatched"


@dataclass(frozen=True)
class Seen:
    """One answered request: method, route template, status (0: none was sent) and seconds."""

    method: str
    route: str
    status: int
    seconds: float

    @property
    def known_method(self) -> str:
        """The method, one of a fixed few."""
        return self.method if self.method in _METHODS else "OTHER"


Observer = Callable[[Seen], None]


def template_of(scope: Scope) -> str:
    """Return the template of the route that took the request, the layer's name filled in where it is a layer.

    What no route took is ``unmatched``: whatever somebody typed must not become a name in logs and metrics.
    """
    path = getattr(scope.get("route"), "path", None)
    if not isinstance(path, str):
        return UNMATCHED
    layer = scope.get("path_params", {}).get("layer")
    return path.replace("{layer}", layer) if isinstance(layer, str) and layer in LAYERS else path
