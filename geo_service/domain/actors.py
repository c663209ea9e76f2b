"""Who acts: a person or a machine, in one role, in the places assigned to it today."""

from dataclasses import dataclass, replace
from typing import Final, Literal

Role = Literal["anonymous", "resident", "grid_worker", "planner", "official", "unit", "admin"]
Via = Literal["local", "browser", "token", "command"]
ROLES: Final[tuple[Role, ...]] = ("anonymous", "resident", "grid_worker", "planner", "official", "unit", "admin")


@dataclass(frozen=True)
class Actor:
    """A person or machine that asks for something.

    Attributes
    ----------
    name
        Account name, as it stands in histories and audit lines.
    role
        What it acts as; ``anonymous`` without an account.
    account_uid
        Account it signed in with; None for the local admin and anonymous.
    areas, grids
        Codes of the areas (with all below them) and governance grids assigned to it today. An admin needs none.
    scopes
        Stories an API token is limited to; None: all the role has.
    via
        ``local`` the browser of this machine while there is no account; ``browser`` a session, ``token`` an API
        token, ``command`` the command line.
    address, request_id
        Where the request came from, for the audit.
    """

    name: str
    role: Role
    account_uid: str | None = None
    areas: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()
    scopes: frozenset[str] | None = None
    via: Via = "local"
    address: str | None = None
    request_id: str | None = None

    def asked(self, address: str | None, request_id: str | None) -> "Actor":
        """Return the actor of one request."""
        return replace(self, address=address, request_id=request_id)


LOCAL_ADMIN: Final = Actor("local-admin", "admin")
ANONYMOUS: Final = Actor("anonymous", "anonymous")
