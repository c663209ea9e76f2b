"""What values of one row must agree with in other rows: people of buildings with households, areas with parents,
findings with the level of their area.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from geo_service.domain.areas import AREAS, is_above
from geo_service.domain.buildings import BUILDINGS
from geo_service.domain.checklist import CHECKLIST_FINDINGS, check_finding
from geo_service.domain.fields import Layer
from geo_service.domain.privacy import PEOPLE_FIELDS
from geo_service.domain.values import shown
from geo_service.foundation.errors import Conflict, InvalidInput
from geo_service.storage import rows

if TYPE_CHECKING:
    from sqlalchemy import Connection


def check_people(layer: Layer, stored: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Return unless ``values`` change people of a building that are the sum of its households.

    Where the last household has left, another basis may be given together with the counts. Raises Conflict
    ``people_of_households``.
    """
    if layer.name != BUILDINGS.name or stored["people_basis"] != "households":
        return
    changed = sorted(key for key in PEOPLE_FIELDS if key in values and values[key] != stored[key])
    has_left = not stored["households_count"] and values.get("people_basis", "households") != "households"
    if changed and not has_left:
        raise Conflict("people_of_households", code=stored["code"], fields=", ".join(changed))


def check_parent(conn: "Connection", layer: Layer, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Return unless an area just written with ``values`` lies below one that is not of a higher level.

    Levels rise from child to parent, so that no area lies below itself. Raises InvalidInput ``parent_not_above``; the
    door takes the transaction back.
    """
    if layer.name != AREAS.name or not {"level", "parent_code"} & set(values):
        return
    pairs: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    if row["parent_code"]:
        pairs.append((row, rows.get(conn, AREAS, row["parent_code"])))
    if "level" in values:
        below = rows.page(conn, AREAS, filters={"parent_code": row["code"]}, limit=100_000).rows
        pairs += [(child, row) for child in below]
    for child, parent in pairs:
        if not is_above(parent["level"], child["level"]):
            raise InvalidInput("parent_not_above", code=shown(child["code"]), parent=shown(parent["code"]))


def check_findings(conn: "Connection", layer: Layer, row: Mapping[str, Any], today: date) -> None:
    """Return unless a row just written is a finding that cannot stand; raises as :func:`check_finding`.

    The door takes the transaction back.
    """
    if layer.name == CHECKLIST_FINDINGS.name:
        check_finding(row, rows.get(conn, AREAS, row["community_code"])["level"], today)
