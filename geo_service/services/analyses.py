"""Analyses that are kept as runs: which there are, and the one way each is asked, found again, computed and kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy import Connection

from geo_service import __version__
from geo_service.domain.office_reference import office_versions
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import NotFound
from geo_service.foundation.ids import fingerprint
from geo_service.services.context import Context
from geo_service.services.facilities import Targets
from geo_service.services.networks import network_fingerprints
from geo_service.services.rights import may
from geo_service.services.runs import Finished, find_run, get_run, keep_run
from geo_service.services.told import TOLD, shown_result
from geo_service.storage import versions

# where each kind of run is described: module of the services, name in it
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "coverage": ("coverage", "COVERAGE"),
    "checklist": ("checklist", "CHECKLIST"),
    "indicators": ("indicators", "INDICATORS"),
    "capacity": ("capacity", "CAPACITY"),
    "gaps": ("gaps", "GAPS"),
    "siting": ("siting", "SITING"),
    "scenario": ("what_if", "SCENARIO"),
    "effect": ("effect", "EFFECT"),
}


class Question(Protocol):
    """What an analysis is asked, checked before anything is read."""

    def parameters(self) -> dict[str, object]:
        """Return what was asked as JSON values, as it is kept with the run; asking them again is the same question."""


Q = TypeVar("Q", bound=Question)


@dataclass(frozen=True)
class Kind(Generic[Q]):
    """A kind of analysis.

    Attributes
    ----------
    name
        Kind of its runs and last part of its address ``/api/analyses/<name>``.
    asked
        Makes the question from keyword arguments as in its parameters; raises InvalidInput and NotFound.
    fingerprint
        Of everything the result depends on as it is stored now; raises where nothing could be computed at all.
    compute
        Computes the answer on a reading connection without keeping it. Its part ``told`` holds what replaces keys of
        the result for those who may not see exact figures of people: ``{}`` where the result tells of no people.
    """

    name: str
    asked: Callable[..., Q]
    fingerprint: Callable[[Connection, Context, Q], str]
    compute: Callable[[Connection, Context, Q], Finished]


def kind_names() -> tuple[str, ...]:
    """Return the names of all kinds."""
    return tuple(_KINDS)


def kind_named(name: str) -> Kind[Any]:
    """Return a kind of analysis; NotFound ``analysis_unknown`` names the known ones."""
    if name not in _KINDS:
        raise NotFound("analysis_unknown", kind=name[:40], known=", ".join(_KINDS))
    module, attribute = _KINDS[name]
    kind: Kind[Any] = getattr(import_module(f"geo_service.services.{module}"), attribute)
    return kind


def stored_run(conn: Connection, ctx: Context, kind: Kind[Q], question: Q) -> dict[str, Any] | None:
    """Return the stored run that answers ``question`` on today's data without its result, None if there is none."""
    may(ctx.actor, "analyse")
    return find_run(conn, ctx, kind.fingerprint(conn, ctx, question))


def kept_run(ctx: Context, kind: Kind[Q], question: Q) -> dict[str, Any]:
    """Return the run that answers ``question``, without its result: that of the same inputs, or a new one, now kept.

    Opens its own transactions: a long one to read and compute, a short one to keep. Raises what the kind raises.
    """
    may(ctx.actor, "analyse")
    with ctx.store.reading() as conn:
        done = stored_run(conn, ctx, kind, question)
        if done is not None:
            return done
        finished = kind.compute(conn, ctx, question)
    if TOLD not in finished.parts:
        raise ValueError(f"a run of kind {kind.name} must say what it tells those who may not see few people")
    with ctx.store.writing() as conn:
        return keep_run(conn, ctx, finished)


def made_run(ctx: Context, kind: Kind[Q], question: Q) -> dict[str, Any]:
    """Return :func:`kept_run` with its result as it was kept: the first answer is the same as every later one."""
    done = kept_run(ctx, kind, question)
    with ctx.store.reading() as conn:
        return get_run(conn, ctx, str(done["uid"]))


def answer(ctx: Context, kind: Kind[Q], question: Q) -> dict[str, Any]:
    """Return the result of :func:`made_run` as the actor may see it."""
    done = made_run(ctx, kind, question)
    with ctx.store.reading() as conn:
        return shown_result(conn, ctx, done)


def inputs_of(
    conn: Connection, ctx: Context, layers: Sequence[str], *, targets: Targets | None = None, **more: Any
) -> dict[str, Any]:
    """Return what a result depends on besides the question, as it is kept with the run.

    Parameters
    ----------
    conn, ctx
        As every story's.
    layers
        Layers (plural names) that are read: their versions are noted.
    targets
        Facilities that are walked to: which of them count as verified on the day of asking is noted.
    more
        Other versions (of rules, of candidates), JSON values by name.
    """
    now = versions.layer_versions(conn)
    verified = {} if targets is None else {"verified": targets.state_fingerprint()}
    own = office_versions()
    return {
        "layers": {name: now[name] for name in layers},
        "networks": network_fingerprints(conn),
        **verified,
        **more,
        **({"reference": dict(own)} if own else {}),
        "as_of": local_date(ctx.clock(), ctx.timezone).isoformat(),
    }


def fingerprint_of(kind: str, version: int, question: Question, inputs: Mapping[str, Any], **more: Any) -> str:
    """Return the fingerprint of a run.

    Parameters
    ----------
    kind, version
        Of the analysis; the version is raised when the same inputs would give another result.
    question
        What is asked.
    inputs
        As :func:`inputs_of` gives them. The date itself is none, only what it changes (what is verified).
    more
        What codes in the question stand for and an admin may edit (metres of a circle, speed of a profile).
    """
    frozen = {name: value for name, value in inputs.items() if name != "as_of"}
    asked = {"kind": kind, "format": version, "version": __version__, "parameters": question.parameters()}
    return fingerprint({**asked, "inputs": frozen, **more})
