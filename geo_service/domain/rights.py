"""Who may do what, where: the one table of stories x roles (PRODUCT §1, §8); docs/rights.md is rendered from it.

A role may do a story ``all`` (wherever), ``own`` (on what lies in the areas or grids assigned to it, or on its own
account or records) or not at all (``none``). What lies in no area is nobody's own.
"""

from typing import Final, Literal

from geo_service.domain.actors import ROLES, Role

Reach = Literal["all", "own", "none"]

# columns: anonymous resident grid_worker planner official unit admin
_TABLE: Final = """
read_published     all  all  all  all  all  all  all
read_people        none none own  own  own  none all
read_households    none none own  none own  none all
reveal_personal    none none own  none own  none all
read_cases         none none own  own  own  none all
write_places       none none none none none none all
write_facilities   none none own  own  own  none all
write_spaces       none none own  own  own  none all
write_homes        none none own  none own  none all
write_projects     none none none own  own  none all
write_cases        none none own  none own  none all
upload_photo       none none own  own  own  none all
review_photos      none none none none own  none all
read_originals     none none none none own  none all
analyse            none none all  all  all  none all
read_runs          none all  all  all  all  all  all
report             none none none all  all  none all
export             none none own  all  all  none all
import             none none none none none none all
own_account        none own  own  own  own  own  all
manage_accounts    none none none none none none all
read_audit         none none none none own  none all
verify_audit       none none none none none none all
person_export      none none none none none none all
person_erase       none none none none none none all
sweep              none none none none none none all
backup             none none none none none none all
operate            none none none none none none all
"""


def _table() -> dict[str, dict[Role, Reach]]:
    rights: dict[str, dict[Role, Reach]] = {}
    known: dict[str, Reach] = {"all": "all", "own": "own", "none": "none"}
    for line in _TABLE.strip().splitlines():
        story, *cells = line.split()
        rights[story] = {role: known[cell] for role, cell in zip(ROLES, cells, strict=True)}
    return rights


RIGHTS: Final = _table()


def reach(role: Role, story: str) -> Reach:
    """Return where ``role`` may do ``story``; KeyError for a story that is not in the table."""
    return RIGHTS[story][role]
