"""Who acts. Until accounts arrive there is one local admin, bound to this machine."""

from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["resident", "grid_worker", "planner", "official", "unit", "admin"]


@dataclass(frozen=True)
class Actor:
    """A person or machine that asks for something, with the role it acts in."""

    name: str
    role: Role


LOCAL_ADMIN: Final = Actor("local-admin", "admin")
