"""Who may do what, where: the one table of stories x roles (PRODUCT §1, §8); docs/rights.md is rendered from it.

A role may do a story ``all`` (wherever), ``own`` (on what lies in the areas or grids assigned to it, or on its own
account or records) or not at all (``none``). What lies in no area is nobody's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from geo_service.domain.actors import ROLES, Actor, Role

Reach = Literal["all", "own", "none"]

# columns: anonymous resident grid_worker planner official unit admin
_TABLE: Final = """
read_published     all  all  all  all  all  all  all
read_editors       none none all  all  all  none all
read_internal      none none all  all  all  own  all
read_buildings     none none all  all  all  none all
read_people        none none own  own  own  none all
read_households    none none own  none own  none all
reveal_personal    none none own  none own  none all
read_cases         none none own  own  own  none all
read_photos        none none own  own  own  none all
read_tasks         none none own  own  own  none all
write_places       none none none none none none all
write_facilities   none none own  own  own  none all
write_statements   none none none own  own  none all
write_spaces       none none own  own  own  none all
write_homes        none none own  none own  none all
write_projects     none none none own  own  none all
write_cases        none none own  none own  none all
write_tasks        none none own  none own  none all
upload_photo       none none own  own  own  none all
review_photos      none none none none own  none all
read_originals     none none none none own  none all
analyse            none none all  all  all  none all
read_runs          none all  all  all  all  all  all
read_scenarios     none none all  all  all  none all
write_scenarios    none none none own  own  none all
keep_views         none own  own  own  own  own  all
report             none none none all  all  none all
export             none none own  all  all  none all
import             none none none none none none all
own_account        none own  own  own  own  own  all
manage_rules       none none none none none none all
manage_accounts    none none none none none none all
read_audit         none none none none own  none all
verify_audit       none none none none none none all
person_export      none none none none none none all
person_erase       none none none none none none all
sweep              none none none none none none all
backup             none none none none none none all
operate            none none none none none none all
"""
# layer, story that reads its rows, story that writes them
_LAYERS: Final = """
areas                 read_published   write_places
grids                 read_published   write_places
networks              read_published   import
ways                  read_published   import
path_corrections      read_published   write_facilities
barriers              read_published   write_facilities
buildings             read_published   write_homes
households            read_households  write_homes
facilities            read_published   write_facilities
entrances             read_published   write_facilities
inventory_statements  read_published   write_statements
public_spaces         read_published   write_spaces
green_spaces          read_published   write_spaces
adoptions             read_published   write_spaces
frontages             read_published   write_spaces
gates                 read_published   write_facilities
projects              read_published   write_projects
cases                 read_cases       write_cases
photos                read_photos      upload_photo
verify_tasks          read_tasks       write_tasks
checklist_findings    read_published   write_statements
"""
PUBLISHED: Final = "read_published"
# rows of published layers that stay internal (PRODUCT §7: pipes and power lines) → the field that tells, its values
INTERNAL: Final = {"projects": ("kind", ("pipes", "overhead_lines"))}
# layers whose rows say something about an area as a whole → the field that names it: they lie in that area, no grid
ABOUT_AREAS: Final = {"inventory_statements": "statement_area", "checklist_findings": "community"}


def _table() -> dict[str, dict[Role, Reach]]:
    rights: dict[str, dict[Role, Reach]] = {}
    known: dict[str, Reach] = {"all": "all", "own": "own", "none": "none"}
    for line in _TABLE.strip().splitlines():
        story, *cells = line.split()
        rights[story] = {role: known[cell] for role, cell in zip(ROLES, cells, strict=True)}
    return rights


RIGHTS: Final = _table()
LAYER_STORIES: Final = {
    layer: (read, write) for layer, read, write in (line.split() for line in _LAYERS.strip().splitlines())
}


def reach(role: Role, story: str) -> Reach:
    """Return where ``role`` may do ``story``; KeyError for a story that is not in the table."""
    return RIGHTS[story][role]


def reach_of(actor: Actor, story: str) -> Reach:
    """Return where ``actor`` may do ``story``: the reach of its role, nowhere what its token's scopes leave out."""
    if actor.scopes is not None and story not in actor.scopes:
        return "none"
    return reach(actor.role, story)


def read_story(layer: str) -> str:
    """Return the story of reading the rows of a layer (plural name)."""
    return LAYER_STORIES[layer][0]


def write_story(layer: str) -> str:
    """Return the story of writing the rows of a layer (plural name)."""
    return LAYER_STORIES[layer][1]


def is_published(layer: str) -> bool:
    """Whether the rows of a layer, but not all their fields, may be known to everybody."""
    return read_story(layer) == PUBLISHED


def exact_story(layer: str) -> str:
    """Return the story that shows numbers of people and households as they are kept, not rounded.

    Those of a project are known to whoever keeps the project; all others follow from the households.
    """
    return write_story(layer) if layer == "projects" else "read_households"


def field_stories(layer: str) -> tuple[str, ...]:
    """Return the stories that decide what somebody sees of a layer's rows: which of them, and which fields."""
    return (*tile_stories(layer), write_story(layer), "reveal_personal", "read_editors")


def tile_stories(layer: str) -> tuple[str, ...]:
    """Return the stories that decide what somebody sees of a layer in tiles, which show no names."""
    people = ("read_people", "read_households") if layer in ("buildings", "households") else ()
    details = ("read_buildings",) if layer == "buildings" else ()
    return tuple(dict.fromkeys((*row_stories(layer), *people, *details)))


def row_stories(layer: str) -> tuple[str, ...]:
    """Return the stories that decide which rows of a layer somebody sees."""
    return (read_story(layer), "read_internal") if layer in INTERNAL else (read_story(layer),)


def is_internal(layer: str, row: Mapping[str, Any]) -> bool:
    """Whether a row of a layer is only for who may ``read_internal`` where it lies."""
    field, values = INTERNAL.get(layer, ("", ()))
    return row.get(field) in values


def visibility(actor: Actor, stories: Sequence[str]) -> str:
    """Return a text equal for all who see the same by ``stories``: part of every key an answer is remembered under.

    Names the assigned places where one of the stories reaches only so far; what lies in them changes with the
    versions of ``areas`` and ``grids``, which belong into the key too.
    """
    reaches = {story: reach_of(actor, story) for story in sorted(stories)}
    told = ",".join(f"{story}={where}" for story, where in reaches.items())
    if "own" not in reaches.values():
        return told
    return f"{told};areas={' '.join(sorted(actor.areas))};grids={' '.join(sorted(actor.grids))}"


@dataclass(frozen=True)
class OwnPlaces:
    """What is assigned to somebody, closed downwards: codes of areas with all below them, and of grids."""

    areas: frozenset[str] = frozenset()
    grids: frozenset[str] = frozenset()

    def hold(self, layer: str, row: Mapping[str, Any]) -> bool:
        """Whether a row (its keys ``code``, ``area_code``, ``grid_code``) lies in one of them.

        An area is its own place, that of a statement or finding the area it is about; an assigned grid is its own, too.
        """
        if layer == "areas":
            return row.get("code") in self.areas
        if layer == "grids" and row.get("code") in self.grids:
            return True
        if layer in ABOUT_AREAS:
            return row.get(f"{ABOUT_AREAS[layer]}_code") in self.areas
        return row.get("area_code") in self.areas or row.get("grid_code") in self.grids


NOWHERE: Final = OwnPlaces()
