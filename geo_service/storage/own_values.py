"""What a store keeps about itself, copied and backed up with it: nothing here is ever part of an answer."""

import secrets
from typing import Final

import sqlalchemy as sa

from geo_service.storage.tables import OWN_VALUES

_ROUNDING: Final = "rounding_key"
_ERASED_LIST: Final = "erased_list"


def rounding_key(connection: sa.Connection) -> bytes | None:
    """Return the secret from which few people are rounded (decision 22), None before it was made."""
    found = _read(connection, _ROUNDING)
    return None if found is None else bytes.fromhex(found)


def made_rounding_key(connection: sa.Connection) -> bytes:
    """Return the secret of roundings, made where there is none; needs a writing connection."""
    return bytes.fromhex(_made(connection, _ROUNDING, secrets.token_hex(32)))


def erased_list_id(connection: sa.Connection) -> str | None:
    """Return the id of the list in which the store's erasures are kept outside of it, None before it was begun."""
    return _read(connection, _ERASED_LIST)


def made_erased_list_id(connection: sa.Connection) -> str:
    """Return the id of the list of erasures, made where there is none; needs a writing connection."""
    return _made(connection, _ERASED_LIST, secrets.token_hex(16))


def forget_erased_list(connection: sa.Connection) -> None:
    """Let the store have no list of erasures: the next one gets another id."""
    connection.execute(sa.delete(OWN_VALUES).where(OWN_VALUES.c.name == _ERASED_LIST))


def _read(connection: sa.Connection, name: str) -> str | None:
    chosen = sa.select(OWN_VALUES.c.value).where(OWN_VALUES.c.name == name)
    return connection.execute(chosen).scalar_one_or_none()


def _made(connection: sa.Connection, name: str, value: str) -> str:
    """Keep a value unless there is one, and return the one that is kept: two who make it at once agree."""
    statement = sa.text("INSERT INTO own_value (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")
    connection.execute(statement, {"name": name, "value": value})
    return str(_read(connection, name))
