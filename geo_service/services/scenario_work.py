"""The categories of one what-if on what is stored now: their tables before and after, in one reading of closures."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.capacity import capacity_rules, catchment_zones
from geo_service.domain.rules import CAPACITY_USE
from geo_service.domain.scenarios import Edit
from geo_service.foundation.errors import InvalidInput
from geo_service.services.analyses import inputs_of
from geo_service.services.closure_notes import closure_notes, readings_differ
from geo_service.services.closures import Reading
from geo_service.services.context import Context
from geo_service.services.facilities import Targets
from geo_service.services.limit_rules import LIMIT_RULES_USE, rules_by_category
from geo_service.services.questions import CoverageQuestion
from geo_service.services.rules import Rulebook
from geo_service.services.scenario_base import Base, read_base, targets_of
from geo_service.services.scenario_capacity import PlaceWork, with_places
from geo_service.services.scenario_counts import Views
from geo_service.services.scenario_edits import check_counted, check_known
from geo_service.services.scenario_ground import Ground, read_ground, while_unchanged
from geo_service.services.scenario_headlines import headlines
from geo_service.services.scenario_homes import newcomers
from geo_service.services.scenario_notes import joined_gates, not_surveyed, notes_of_data, notes_of_edits
from geo_service.services.scenario_places import PLACE_TABLES
from geo_service.services.scenario_sides import counted
from geo_service.services.scenario_states import AsIs, Supposed, pave
from geo_service.services.summary import attribution
from geo_service.services.told import rounding_salt
from geo_service.storage import overview

TABLES: Final = ("totals", "rows", "headlines")  # headlines: the people each category is there for, by place
_READ_LAYERS: Final = ("areas", "grids", "buildings", "facilities", "entrances", "gates", "inventory_statements")
Tables = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Supposition:
    """Edits under uid, name and own question of their scenario; None and empty for edits of a question alone."""

    edits: tuple[Edit, ...]
    scenario: str | None = None
    name: str = ""
    question: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Inputs:
    """What an answer depends on besides the question."""

    targets: Targets
    kept: dict[str, Any]


def read_inputs(
    conn: Connection, ctx: Context, question: CoverageQuestion, book: Rulebook | None = None, **more: Any
) -> Inputs:
    """Return the inputs of today, with the rules of ``book`` an answer rests on; InvalidInput ``no_network``."""
    targets = targets_of(conn, ctx, question.categories)
    if book is not None:
        uses = (LIMIT_RULES_USE, CAPACITY_USE) if with_places(question.categories) else (LIMIT_RULES_USE,)
        more = {"rules": book.version(*uses), **more}
    kept = inputs_of(conn, ctx, _READ_LAYERS, targets=targets, **more)
    if not kept["networks"]:
        raise InvalidInput("no_network")
    return Inputs(targets, kept)


def walker(question: CoverageQuestion) -> dict[str, Any]:
    """Return what the codes in a question stand for and an admin may edit, for fingerprints."""
    profile = {"speed_m_s": question.profile.speed_m_s, "step_free": question.profile.step_free}
    own = {"walkers": question.told_walkers()} if question.walkers else {}
    rules = [capacity_rules()[code] for code in with_places(question.categories)]
    capacity = [[asdict(rule) | {"units": sorted(rule.units)} for rule in rules], catchment_zones()]
    return {"limit_m": question.limit.metres, "walker": profile, **own, **({"capacity": capacity} if rules else {})}


def table_names(categories: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the tables of an answer about some categories."""
    return (*TABLES, *PLACE_TABLES) if with_places(categories) else TABLES


class Work:
    """The categories of one question on what is stored now, within the limit the rules of today give it.

    ``reading``: how what is not known to be closed is taken.
    """

    def __init__(
        self,
        conn: Connection,
        ctx: Context,
        question: CoverageQuestion,
        *,
        inputs: Inputs,
        book: Rulebook,
        reading: Reading = "open",
    ) -> None:
        self.conn, self.ctx, self.inputs, self.book, self.reading = conn, ctx, inputs, book, reading
        self.question = question.under(book)
        self.ground: Ground = read_ground(conn, ctx, self.question, inputs.kept, reading=reading)
        self.salt = rounding_salt(conn, ctx)
        self.joined = joined_gates(self.ground)
        self.places = PlaceWork(conn, book)

    @property
    def differs(self) -> bool:
        """Whether something is not known that would give other walks if it was closed."""
        return readings_differ(self.ground.networks)

    def closed(self) -> "Work":
        """Return the same in the other reading."""
        return Work(self.conn, self.ctx, self.question, inputs=self.inputs, book=self.book, reading="closed")

    def tables(
        self,
        ctx: Context,
        one: Supposition,
        *,
        told: Sequence[bool],
        without: tuple[Edit, ...] = (),
        only_changed: bool = False,
    ) -> dict[bool, Tables]:
        """Return the tables (:func:`table_names`) of all categories with the edits, beside ``without``.

        ``without`` are other edits; none: as it is. ``only_changed``: rows of areas, grids and facilities where
        something changes, or may not be told.
        """
        check_known(self.conn, (*one.edits, *without))
        check_counted(self.conn, (*one.edits, *without), self.inputs.targets, self.question.categories)
        there = self._ground(ctx, one.edits)
        if there is not self.ground:
            self.joined |= joined_gates(there)
        new = newcomers(self.conn, there, one.edits, self.salt)
        ways = pave(there, one.edits)
        nobody = newcomers(self.conn, self.ground, (), self.salt) if without else new
        plain = pave(self.ground, without) if without else ways
        categories = self.question.categories
        found: dict[bool, Tables] = {side: {name: [] for name in table_names(categories)} for side in told}
        for number, category in enumerate(categories):
            ctx.progress(number / len(categories), "progress.walking")
            base = self._base(self.ground, category)
            changed = base if there is self.ground else self._base(there, category)
            after = Supposed(changed, one.edits, ways, new)
            before: Views = Supposed(base, without, plain, nobody) if without else AsIs(base)
            places = self.places.sides(base, changed, (without, plain, nobody), (one.edits, ways, new))
            for side in told:
                groups, totals = counted(base, before, after, new, told=side).rows(
                    one.scenario, category, only_changed=only_changed
                )
                found[side]["rows"] += groups
                found[side]["totals"] += totals
                found[side]["headlines"] += headlines((*totals, *groups))
                if places is not None:
                    own = places(told=side, only_changed=only_changed, scenario=one.scenario, category=category)
                    for name, rows in own.items():
                        found[side][name] += rows
        ctx.progress(1.0, "progress.counting")
        return found

    def _ground(self, ctx: Context, edits: Sequence[Edit]) -> Ground:
        """Return what edits stand on: where they open gates, the streets with these open."""
        opened = frozenset(str(edit.gate) for edit in edits if edit.edit == "gate_open")
        if not opened:
            return self.ground
        return read_ground(self.conn, ctx, self.question, self.inputs.kept, opened, reading=self.reading)

    def _base(self, ground: Ground, category: str) -> Base:
        return read_base(ground, self.inputs.targets, self.question.categories, category, self.inputs.kept)

    def shared(self) -> dict[str, Any]:
        """Return what a result says besides its tables, once these were made."""
        pairs = while_unchanged(self.conn, self.ctx, ["sources"], lambda: overview.sources(self.conn))
        return {
            "limit": asdict(self.question.limit),
            "rules": rules_by_category(self.book, self.question.categories, self.question.limit),
            **({"walkers": self.question.told_walkers()} if self.question.walkers else {}),
            "by": self.ground.by,
            "by_requested": self.question.by,
            "people_basis": self.ground.homes.people_basis,
            **self.places.facts(self.question.categories, self.question.limit),
            "attribution": attribution(pairs),
            "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in pairs),
        }

    def notes(self, asked: Sequence[Supposition], *, both: bool) -> list[dict[str, Any]]:
        """Return what a reader must know, once :meth:`tables` were made; ``both``: in both readings."""
        edits = [edit for one in asked for edit in one.edits]
        return [
            *notes_of_data(self.ground, self.question, self.inputs.targets, self._not_surveyed()),
            *notes_of_edits(self.ground, self.question.categories, edits, self.joined),
            *self.places.notes(edits, is_by_age=self.ground.is_by_age),
            *closure_notes(self.ground.networks, unknown="unknown" if both else "open_only"),
        ]

    def _not_surveyed(self) -> list[str]:
        """Return the categories whose inventory is not declared complete wherever somebody lives."""
        codes, ground = self.question.categories, self.ground
        return while_unchanged(
            self.conn, self.ctx, ["not surveyed", ground.key, list(codes)],
            lambda: not_surveyed(self.conn, ground, codes),
        )  # fmt: skip
