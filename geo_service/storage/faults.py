"""What a database says when it refuses, in our own errors (one code and sentence each)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy import exc

from geo_service.foundation.errors import Conflict, GeoServiceError, InvalidInput, StoreFault

# what SQLite says → our code, first match decides
_EMBEDDED: Final = (
    ("locked", "store_locked"),
    ("disk is full", "disk_full"),
    ("readonly database", "store_not_writable"),
    ("disk I/O error", "disk_fault"),
    ("not a database", "store_not_ours"),
    ("malformed", "store_damaged"),
    ("unable to open", "store_not_writable"),
    ("no such table", "store_not_migrated"),
)
# SQLSTATE (class or code) → our code
_POSTGRES: Final = {
    "53100": "disk_full",
    "55P03": "store_locked",
    "40P01": "store_locked",
    "40001": "store_locked",
    "57014": "store_locked",
    "42P01": "store_not_migrated",
    "25006": "store_not_writable",
    "42501": "store_login_refused",
    "XX001": "store_damaged",
    "XX002": "store_damaged",
}
_CONNECTING: Final = (
    ("does not exist", "store_database_missing"),
    ("authentication", "store_login_refused"),
    ("no password", "store_login_refused"),
)
_UNIQUE: Final = re.compile(r"UNIQUE constraint failed: (\w+)\.(\w+)")
_NOT_NULL: Final = re.compile(r"NOT NULL constraint failed: (\w+)\.(\w+)")
_CHECK: Final = re.compile(r"CHECK constraint failed: (\w+)")


def shown(url: str) -> str:
    """Return a store's address fit for people and logs: without its password."""
    try:
        return sa.engine.make_url(url).render_as_string(hide_password=True)
    except exc.ArgumentError:
        return "…"


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn what SQLAlchemy raises inside into StoreFault, Conflict or InvalidInput."""
    try:
        yield
    except exc.IntegrityError as error:
        raise integrity_error(error) from error
    except exc.DataError as error:
        raise InvalidInput("stored_value_refused", field="?", value="?") from error
    except exc.TimeoutError as error:  # of the pool: too many at once
        raise StoreFault("store_locked", store=shown(url), reason="pool") from error
    except exc.DBAPIError as error:
        fault = _store_fault(error, url)
        if fault is None:
            raise
        raise fault from error


def _first_line(error: exc.DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else ""


def _store_fault(error: exc.DBAPIError, url: str) -> GeoServiceError | None:
    """Return the fault of the store an exception means, None if it is a mistake of ours."""
    message = str(error.orig)
    if "append_only" in message:
        return Conflict("append_only")
    if url.startswith("sqlite"):
        code = next((code for words, code in _EMBEDDED if words in message), None)
    else:
        state = getattr(error.orig, "pgcode", None)
        code = _POSTGRES.get(state or "")
        if code is None and (state is None or state.startswith(("08", "57P"))) and not _is_our_mistake(error):
            code = next((code for words, code in _CONNECTING if words in message), "store_unreachable")
    return StoreFault(code, store=shown(url), reason=_first_line(error)) if code else None


def _is_our_mistake(error: exc.DBAPIError) -> bool:
    return isinstance(error, (exc.ProgrammingError, exc.NotSupportedError))


def integrity_error(error: exc.IntegrityError, **facts: object) -> GeoServiceError:
    """Return our error for a broken constraint, ``field`` among its facts where the database names it."""
    if "append_only" in str(error.orig):
        return Conflict("append_only")
    kind, table, field = _broken(error)
    if kind == "unique" and field == "code":
        return Conflict("code_taken", **{"layer": table, "code": "?", **facts})
    if kind == "unique":
        return Conflict("stored_value_taken", layer=table, field=field)
    if kind == "foreign_key":
        return InvalidInput("reference_unknown", **{"layer": table, "field": field, "code": "?", **facts})
    if kind == "not_null":
        return InvalidInput("stored_value_missing", field=field)
    if field == "one_subject":
        return InvalidInput("adoption_one_subject")
    return InvalidInput("stored_value_refused", field=field.rpartition("_")[0] or field, value="?")


def _broken(error: exc.IntegrityError) -> tuple[str, str, str]:
    """Return which kind of constraint broke, on which table and column (or by which name)."""
    diag = getattr(error.orig, "diag", None)
    if diag is not None:
        name, table = diag.constraint_name or "", diag.table_name or ""
        kinds = {"23505": "unique", "23503": "foreign_key", "23502": "not_null", "23514": "check"}
        kind = kinds.get(getattr(error.orig, "pgcode", ""), "check")
        return kind, table, diag.column_name or name.removeprefix(name[:3] + table + "_")
    message = str(error.orig)
    for kind, pattern in (("unique", _UNIQUE), ("not_null", _NOT_NULL)):
        if found := pattern.search(message):
            return kind, found[1], found[2]
    if found := _CHECK.search(message):
        table = next((t for t in sorted(_tables(), key=len, reverse=True) if found[1].startswith(f"ck_{t}_")), "")
        return "check", table, found[1].removeprefix(f"ck_{table}_")
    return ("foreign_key" if "FOREIGN KEY" in message else "check"), "", "?"


def _tables() -> list[str]:
    from geo_service.storage.tables import metadata

    return list(metadata.tables)
