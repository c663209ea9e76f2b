"""Keys of persons: one per row uid, wrapped by the service's key, which is asked for when needed and never kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import sqlalchemy as sa

from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import StoreFault
from geo_service.foundation.sealing import ServiceKeys, about, key_id, new_key, sealed_with, unwrap, wrap
from geo_service.storage import loading
from geo_service.storage.tables import PERSON_KEYS
from geo_service.storage.values import is_embedded

_LOCK: Final = 20190031  # shared by those who make person keys, alone by who changes the service's key
_CHUNK: Final = 20_000


class KeySource(Protocol):
    """Where the service's keys are."""

    def read(self) -> ServiceKeys | None:
        """Return the keys, None where there are none; StoreFault ``secret_key_unreadable``."""

    def make(self) -> ServiceKeys:
        """Make the first key and return it, or the one somebody else made meanwhile."""


def use_keys(engine: sa.Engine, source: KeySource | None) -> None:
    """Let every connection of a store find the service's keys at ``source``."""
    engine.update_execution_options(geo_keys=source)


def has_keys(engine: sa.Engine) -> bool:
    """Whether the store was told where the service's keys are."""
    return engine.get_execution_options().get("geo_keys") is not None


def service_keys(connection: sa.Connection, *, making: bool = False) -> ServiceKeys:
    """Return the service's keys; with ``making`` the first one is made where nothing was ever sealed.

    Raises
    ------
    StoreFault
        ``secret_key_missing`` (no key, but sealed values), ``secret_key_wrong`` (the newest person key was wrapped
        with a key that is not there), ``secret_key_unreadable``.
    """
    source: KeySource | None = connection.get_execution_options().get("geo_keys")
    if making:
        _lock(connection, alone=False)
    newest = connection.execute(
        sa.select(PERSON_KEYS.c.wrapped).order_by(PERSON_KEYS.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    keys = source.read() if source is not None else None
    if keys is None and making and newest is None and source is not None:
        keys = source.make()
    if keys is None:
        raise StoreFault("secret_key_missing")
    if newest is not None and keys.named(sealed_with(newest)) is None:
        raise StoreFault("secret_key_wrong", wanted=sealed_with(newest) or "?", found=key_id(keys.current))
    return keys


def lock_keys(connection: sa.Connection) -> None:
    """Wait until nobody makes person keys, and let nobody begin before this transaction ends."""
    _lock(connection, alone=True)


def _lock(connection: sa.Connection, *, alone: bool) -> None:
    if not is_embedded(connection):  # the embedded store has one writer anyway
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}({_LOCK})")


def person_keys(connection: sa.Connection, uids: Iterable[str]) -> dict[str, bytes]:
    """Return the keys of persons by uid; who has none (never had, or was erased) is left out."""
    wanted = sorted(set(uids))
    keys: ServiceKeys | None = None
    found: dict[str, bytes] = {}
    by_id: dict[str, bytes | None] = {}
    for uid, wrapped in _wrapped(connection, wanted):
        keys = keys or service_keys(connection)
        named = sealed_with(wrapped) or "?"
        if named not in by_id:
            by_id[named] = keys.named(named)
        service_key = by_id[named]
        if service_key is None:
            raise StoreFault("secret_key_wrong", wanted=named, found=key_id(keys.current))
        found[uid] = unwrap(service_key, wrapped, _place(uid))
    return found


def _wrapped(connection: sa.Connection, uids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(uids), _CHUNK):
        part = list(uids[start : start + _CHUNK])
        chosen = "SELECT subject_uid, wrapped FROM person_key WHERE subject_uid"
        if is_embedded(connection):
            marks = ", ".join("?" * len(part))
            rows = connection.exec_driver_sql(f"{chosen} IN ({marks})", tuple(part)).fetchall()
        else:
            rows = connection.exec_driver_sql(f"{chosen} = ANY(%s)", (part,)).fetchall()
        yield from ((str(row[0]), str(row[1])) for row in rows)


def keys_for(connection: sa.Connection, layer: str, uids: Sequence[str], now: datetime) -> dict[str, bytes]:
    """Return the key of every person, making those that are not there; raises as :func:`service_keys`."""
    found = person_keys(connection, uids)
    missing = [uid for uid in dict.fromkeys(uids) if uid not in found]
    if not missing:
        return found
    service_key = service_keys(connection, making=True).current
    named = key_id(service_key)
    made = {uid: new_key() for uid in missing}
    columns: dict[str, list[Any]] = {
        "layer": [layer] * len(made),
        "subject_uid": list(made),
        "wrapped": [wrap(service_key, key, _place(uid), named=named) for uid, key in made.items()],
        "key_id": [key_id(key) for key in made.values()],
        "created_at": [to_iso(now)] * len(made),
    }
    if is_embedded(connection):
        statement = f"INSERT INTO person_key ({', '.join(columns)}) VALUES (?, ?, ?, ?, ?)"
        connection.exec_driver_sql(statement, list(zip(*columns.values(), strict=True)))
        return found | made
    # somebody else may be making the key of the same person: whoever is first made it
    names = ", ".join(columns)
    connection.exec_driver_sql(f"CREATE TEMP TABLE made_key ON COMMIT DROP AS SELECT {names} FROM person_key LIMIT 0")
    loading.copy_in(connection, "made_key", columns)
    kept = connection.exec_driver_sql(
        f"INSERT INTO person_key ({names}) SELECT {names} FROM made_key ON CONFLICT (subject_uid) DO NOTHING"
    ).rowcount
    connection.exec_driver_sql("DROP TABLE pg_temp.made_key")
    return found | (made if kept == len(made) else person_keys(connection, missing))


def wrapped_with(connection: sa.Connection) -> dict[str, int]:
    """Return how many person keys are wrapped with which of the service's keys, by its id."""
    wrapped = connection.execute(sa.select(sa.func.substr(PERSON_KEYS.c.wrapped, 1, 17))).scalars()
    return dict(Counter(str(head).rpartition(":")[2] for head in wrapped))


def broken_keys(connection: sa.Connection, keys: ServiceKeys) -> int:
    """Return how many person keys do not open with the service's keys."""
    broken = 0
    for uid, wrapped in connection.execute(sa.select(PERSON_KEYS.c.subject_uid, PERSON_KEYS.c.wrapped)):
        service_key = keys.named(sealed_with(wrapped))
        try:
            broken += service_key is None or not unwrap(service_key, wrapped, _place(uid))
        except StoreFault:
            broken += 1
    return broken


def wrap_anew(connection: sa.Connection, keys: ServiceKeys) -> int:
    """Wrap every person key that another one of the service's keys wraps with the current one; returns how many.

    The caller holds :func:`lock_keys`. Raises StoreFault ``secret_key_wrong``, ``sealed_value_broken``.
    """
    named = key_id(keys.current)
    chosen = sa.select(PERSON_KEYS.c.id, PERSON_KEYS.c.subject_uid, PERSON_KEYS.c.wrapped)
    rows = connection.execute(chosen.where(PERSON_KEYS.c.wrapped.not_like(f"geo1:{named}:%"))).fetchall()
    ids, anew = [], []
    for row_id, uid, wrapped in rows:
        service_key = keys.named(sealed_with(wrapped))
        if service_key is None:
            raise StoreFault("secret_key_wrong", wanted=sealed_with(wrapped) or "?", found=named)
        ids.append(row_id)
        anew.append(wrap(keys.current, unwrap(service_key, wrapped, _place(uid)), _place(uid), named=named))
    loading.set_texts(connection, "person_key", "wrapped", ids, anew)
    return len(ids)


def forget(connection: sa.Connection, uid: str) -> str | None:
    """Delete a person's key for good and return its id, None where there was none."""
    if is_embedded(connection):
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # its bytes are overwritten in the file
    chosen = sa.delete(PERSON_KEYS).where(PERSON_KEYS.c.subject_uid == uid).returning(PERSON_KEYS.c.key_id)
    return connection.execute(chosen).scalar_one_or_none()


def _place(uid: str) -> str:
    return about("key", uid, "")
