"""All layers by their plural name, in an order in which references point backwards only."""

from typing import Final

from geo_service.domain.areas import AREAS, GRIDS
from geo_service.domain.buildings import BUILDINGS, HOUSEHOLDS
from geo_service.domain.checklist import CHECKLIST_FINDINGS
from geo_service.domain.facilities import ENTRANCES, FACILITIES, INVENTORY_STATEMENTS
from geo_service.domain.fields import Layer
from geo_service.domain.spaces import ADOPTIONS, FRONTAGES, GREEN_SPACES, PUBLIC_SPACES
from geo_service.domain.streets import BARRIERS, GATES, NETWORKS, PATH_CORRECTIONS, WAYS
from geo_service.domain.tasks import VERIFY_TASKS
from geo_service.domain.works import CASES, PHOTOS, PROJECTS
from geo_service.foundation.errors import NotFound

LAYERS: Final[dict[str, Layer]] = {
    layer.name: layer
    for layer in (
        AREAS,
        GRIDS,
        NETWORKS,
        WAYS,
        PATH_CORRECTIONS,
        BARRIERS,
        BUILDINGS,
        HOUSEHOLDS,
        FACILITIES,
        ENTRANCES,
        INVENTORY_STATEMENTS,
        PUBLIC_SPACES,
        GREEN_SPACES,
        ADOPTIONS,
        FRONTAGES,
        GATES,
        PROJECTS,
        CASES,
        PHOTOS,
        VERIFY_TASKS,
        CHECKLIST_FINDINGS,
    )
}


def layer_named(name: str) -> Layer:
    """Return the layer with this plural name; NotFound ``layer_unknown`` otherwise."""
    try:
        return LAYERS[name]
    except KeyError:
        raise NotFound("layer_unknown", layer=name, known=", ".join(LAYERS)) from None
