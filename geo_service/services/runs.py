"""Frozen results of analyses: find, keep, list, read. A run is never changed."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service import __version__
from geo_service.domain.rights import reach_of
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit
from geo_service.storage import runs as stored


@dataclass(frozen=True)
class Finished:
    """A result that is not kept yet.

    Attributes
    ----------
    kind, fingerprint, parameters, inputs, result
        As they are kept; the fingerprint covers everything the result depends on.
    parts
        Binary parts by name.
    seconds
        How long it took.
    """

    kind: str
    fingerprint: str
    parameters: dict[str, Any]
    inputs: dict[str, Any]
    result: dict[str, Any]
    seconds: float
    parts: dict[str, bytes] = field(default_factory=dict)


def find_run(conn: Connection, ctx: Context, fingerprint: str) -> dict[str, Any] | None:
    """Return the stored run of these inputs without its result, None if there is none."""
    may(ctx.actor, "analyse")
    return stored.find_done(conn, fingerprint)


def note_start(conn: Connection, ctx: Context, job: dict[str, Any]) -> None:
    """Write into the audit that an analysis was started, from where and with what question."""
    may(ctx.actor, "analyse")
    facts = {"kind": job["kind"], "job": job["uid"], "parameters": job["parameters"]}
    audit.append(conn, ctx.actor, ctx.clock(), "run_started", facts=facts)


def keep_run(conn: Connection, ctx: Context, finished: Finished) -> dict[str, Any]:
    """Keep a result and return its run without it; where somebody kept the same in the meantime, that one."""
    may(ctx.actor, "analyse")
    already = stored.find_done(conn, finished.fingerprint)
    if already is not None:
        return already
    run = stored.insert_run(
        conn,
        kind=finished.kind,
        fingerprint=finished.fingerprint,
        parameters=finished.parameters,
        inputs=finished.inputs,
        result=finished.result,
        code_version=__version__,
        actor=ctx.actor,
        now=ctx.clock(),
        seconds=round(finished.seconds, 3),
    )
    for name, content in finished.parts.items():
        stored.write_part(conn, str(run["uid"]), name, content)
    facts = {"kind": finished.kind, "run": run["uid"], "parameters": finished.parameters}
    audit.append(conn, ctx.actor, ctx.clock(), "run_made", facts=facts)
    return {name: value for name, value in run.items() if name != "result"}


def list_runs(conn: Connection, ctx: Context, *, kind: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest runs first, without their results."""
    may(ctx.actor, "read_runs")
    return [_seen(ctx, run) for run in stored.list_runs(conn, kind, limit)]


def answers_to(conn: Connection, ctx: Context, kind: str, questions: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the finished runs of a kind that were asked one of some parameters, the newest first, without results."""
    may(ctx.actor, "read_runs")
    return [_seen(ctx, run) for run in stored.answers_to(conn, kind, questions)]


def get_run(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    """Return a run with its result as it is kept; NotFound ``run_unknown``."""
    may(ctx.actor, "read_runs")
    return _seen(ctx, stored.get_run(conn, uid))


def _seen(ctx: Context, run: dict[str, Any]) -> dict[str, Any]:
    """Return a run; who made it is for the office."""
    return run if reach_of(ctx.actor, "read_editors") != "none" else run | {"created_by": ""}


def run_result(run: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a run as it is handed out: what was kept, with the run's name and moment."""
    return {
        "kind": run["kind"],
        "uid": run["uid"],
        "parameters": run["parameters"],
        **run["result"],
        "inputs": run["inputs"],
        "code_version": run["code_version"],
        "created_at": run["created_at"],
    }


def pack_arrays(arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    """Return arrays as the bytes of a compressed .npz file; texts as fixed-width Unicode, no pickles."""
    kept = io.BytesIO()
    # the lowest level: np.savez_compressed takes twice as long for a tenth less
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)
    return kept.getvalue()


def unpack_arrays(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays :func:`pack_arrays` packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}


def run_homes(conn: Connection, ctx: Context, uid: str) -> dict[str, npt.NDArray[Any]]:
    """Return the part "homes" of a coverage run, h homes and c categories.

    ``building_id`` int64 (h,), ``categories`` texts (c,), ``metres`` float32 (h, c) with inf where nothing is
    reachable, ``state`` uint8 (h, c) 0 not covered, 1 covered, 2 unknown, ``facility_id`` int64 (h, c), -1 for none.
    NotFound ``run_unknown``, ``run_part_unknown``.
    """
    may(ctx.actor, "read_runs")
    return unpack_arrays(stored.read_part(conn, uid, "homes"))
