"""Runs held against each other: two of the same kind compared, one computed again from today's data and verified."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from geo_service import __version__
from geo_service.foundation.errors import Conflict
from geo_service.foundation.json_text import json_text
from geo_service.foundation.texts import LANGS
from geo_service.services import analyses
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.runs import get_run, unpack_arrays
from geo_service.services.told import TOLD, sees_exact, shown_result
from geo_service.storage import runs as stored

RELATIVE_TOLERANCE: Final = 1e-6  # of figures computed on another store, machine or with another library
ABSOLUTE_TOLERANCE: Final = 1e-3  # metres, seconds, people, shares: what rounding in a search may change
_NAMES: Final = ("uid", "created_at", "code_version", "inputs", "parameters", "kind", "notes", "attribution")
_IDENTIFYING: Final = ("id", "level", "code", "item", "rule", "category", "band", "zone", "candidate", "key", "name")
_ABSENT: Final = object()


@dataclass(frozen=True)
class Difference:
    """A value that is not the same: where it stands, before and after; None where it is missing."""

    place: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Verified:
    """What computing a run again gave.

    Attributes
    ----------
    uid, kind
        Of the run.
    inputs
        Inputs that are not what they were: versions of layers, networks, what is verified. Where there is any, the
        data has changed since; the differences then tell what that changed.
    code
        Version of the program then and now.
    figures
        Figures of the result that differ by more than the tolerance. For an actor who may not see exact figures of
        people: of what is told of it (decision 22) only, as which exact figure changed would tell who came or left.
    """

    uid: str
    kind: str
    inputs: list[Difference]
    code: tuple[str, str]
    figures: list[Difference]

    @property
    def is_same(self) -> bool:
        """Whether the same inputs gave the same figures."""
        return not self.inputs and not self.figures


def verify(ctx: Context, uid: str) -> Verified:
    """Compute a run again from what is stored now and compare inputs and figures; nothing is kept.

    Raises NotFound ``run_unknown`` and what the kind of analysis raises.
    """
    may(ctx.actor, "analyse")
    with ctx.store.reading() as conn:
        run = get_run(conn, ctx, uid)
        kind = analyses.kind_named(run["kind"])
        finished = kind.compute(conn, ctx, kind.asked(**run["parameters"]))
        if sees_exact(ctx):
            figures = list(differences(*map(_only_figures, (run["result"], json.loads(json_text(finished.result))))))
            for name, content in sorted(finished.parts.items()):
                if name != TOLD:
                    figures += _part(name, stored.read_part(conn, uid, name), content)
        else:
            kept = stored.read_part(conn, uid, TOLD) if TOLD in stored.part_names(conn, uid) else b"{}"
            made = finished.parts.get(TOLD, b"{}")
            figures = list(differences(*(_only_figures(json.loads(one)) for one in (kept, made))))
    inputs = [one for one in differences(run["inputs"], finished.inputs) if one.place != "as_of"]
    return Verified(uid, run["kind"], inputs, (run["code_version"], __version__), figures)


def compare(conn: Connection, ctx: Context, one: str, other: str) -> dict[str, Any]:
    """Return how two runs of the same kind differ, as the actor may see them.

    ``parameters``, ``inputs`` and ``figures``: lists of place, before, after, and ``change`` where both are numbers;
    rows of tables are matched by what they are about, not by their place. Raises NotFound ``run_unknown``, Conflict
    ``runs_of_two_kinds``.
    """
    may(ctx.actor, "read_runs")
    runs = [get_run(conn, ctx, uid) for uid in (one, other)]
    if runs[0]["kind"] != runs[1]["kind"]:
        raise Conflict("runs_of_two_kinds", one=runs[0]["kind"], other=runs[1]["kind"])
    before, after = (shown_result(conn, ctx, run) for run in runs)
    return {
        "kind": runs[0]["kind"],
        "runs": [{key: run[key] for key in ("uid", "created_at", "code_version")} for run in runs],
        "parameters": [_listed(found) for found in differences(before["parameters"], after["parameters"])],
        "inputs": [_listed(found) for found in differences(before["inputs"], after["inputs"])],
        "figures": [
            _listed(found) for found in differences(_only_figures(before, _NAMES), _only_figures(after, _NAMES))
        ],
    }


def _only_figures(result: Mapping[str, Any], left_out: Sequence[str] = ("attribution",)) -> Any:
    """Return a result without whose data it is: sources change with layers that are not read."""
    return _figures({key: value for key, value in result.items() if key not in left_out})


def differences(before: Any, after: Any, place: str = "") -> Iterator[Difference]:
    """Yield what differs between two JSON values.

    Numbers are equal within :data:`RELATIVE_TOLERANCE` or :data:`ABSOLUTE_TOLERANCE`. Rows of a table (mappings in a
    list) are matched by the columns that name them, where these tell all rows apart, else by their place.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from differences(before.get(key, _ABSENT), after.get(key, _ABSENT), _below(place, str(key)))
    elif _is_list(before) and _is_list(after):
        names = _naming(before, after)
        lines = [_named(rows, names) for rows in (before, after)]
        for key in dict.fromkeys([*lines[0], *lines[1]]):
            yield from differences(lines[0].get(key, _ABSENT), lines[1].get(key, _ABSENT), f"{place}[{key}]")
    elif not _equal(before, after):
        yield Difference(place, *(None if one is _ABSENT else one for one in (before, after)))


def _figures(value: Any) -> Any:
    """Return a result without its sentences and labels: notes and words are held by key and facts."""
    if isinstance(value, Mapping):
        return {key: _figures(own) for key, own in value.items() if key not in LANGS}
    return [_figures(one) for one in value] if _is_list(value) else value


def _part(name: str, before: bytes, after: bytes) -> list[Difference]:
    """Return how a part of a run differs: tables of JSON as results, arrays by how many values differ."""
    if after[:1] not in (b"[", b"{"):
        return _arrays(name, before, after)
    return list(differences(_figures(json.loads(before)), _figures(json.loads(after)), name))


def _arrays(name: str, before: bytes, after: bytes) -> list[Difference]:
    """Return how many values of each array of a binary part differ."""
    kept, made = unpack_arrays(before), unpack_arrays(after)
    found = []
    for key in sorted({*kept, *made}):
        one, other = kept.get(key), made.get(key)
        if one is None or other is None or one.shape != other.shape:
            found.append(Difference(f"{name}.{key}", *(None if a is None else list(a.shape) for a in (one, other))))
            continue
        if np.issubdtype(one.dtype, np.floating):
            same = np.isclose(one, other, rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE, equal_nan=True)
        else:
            same = one == other
        if not same.all():
            found.append(Difference(f"{name}.{key}", int(same.size), int(same.size - np.count_nonzero(same))))
    return found


def _equal(before: Any, after: Any) -> bool:
    numbers = [isinstance(one, int | float) and not isinstance(one, bool) for one in (before, after)]
    if all(numbers):
        return math.isclose(before, after, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
    return bool(before == after)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _naming(before: Sequence[Any], after: Sequence[Any]) -> tuple[str, ...]:
    """Return the columns that tell the rows of both tables apart, none where there are not any."""
    if not all(isinstance(row, Mapping) for row in (*before, *after)):
        return ()
    both = [*before, *after]
    names = tuple(name for name in _IDENTIFYING if all(_is_name(row.get(name, _ABSENT)) for row in both))
    for rows in (before, after):
        if len({_key(row, names) for row in rows}) != len(rows):
            return ()
    return names


def _is_name(value: Any) -> bool:
    """Whether a value may name a row: what is in parts, or is not there, does not."""
    return value is None or isinstance(value, str | int)


def _named(rows: Sequence[Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {_key(row, names) if names else str(number): row for number, row in enumerate(rows)}


def _key(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return " ".join("" if row[name] is None else str(row[name]) for name in names)


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _listed(found: Difference) -> dict[str, Any]:
    told = {"place": found.place, "before": found.before, "after": found.after}
    numbers = [isinstance(one, int | float) and not isinstance(one, bool) for one in (found.before, found.after)]
    return told | {"change": found.after - found.before if all(numbers) else None}
