"""The sheet of the complete residential community (完整居住社区体检表) for every community (PRODUCT §4)."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.domain.checklist import ITEMS, checked_estate
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.gate_hours import time_of_day
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import Limit, Profile, finding_term_days, limit_of, profile_named
from geo_service.domain.rules import Rule
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.foundation.texts import LANGS, text
from geo_service.services.analyses import Kind, fingerprint_of, inputs_of
from geo_service.services.checklist_counts import Counted, exact_counts, told_counts
from geo_service.services.checklist_findings import read_findings
from geo_service.services.checklist_items import Book, Sheet, Stock, counts_of
from geo_service.services.checklist_lines import Line, lines_of
from geo_service.services.checklist_places import read_sites, targets_at
from geo_service.services.checklist_ratios import Greens, service_floor_rows
from geo_service.services.checklist_texts import sheet_notes
from geo_service.services.checklist_walks import Ground, level_row, walk_check, walked_rows
from geo_service.services.closure_notes import closure_notes, readings_differ
from geo_service.services.closures import Reading
from geo_service.services.context import Context
from geo_service.services.facilities import read_targets
from geo_service.services.groups import divide, inventory_complete
from geo_service.services.homes import Homes, no_homes, read_areas, read_homes
from geo_service.services.networks import network_fingerprints, open_networks
from geo_service.services.open_grounds import unregistered_note, unregistered_rows
from geo_service.services.reach import reached
from geo_service.services.readings import if_closed
from geo_service.services.rights import may
from geo_service.services.rules import cited, disagreeing, rulebook
from geo_service.services.runs import Finished
from geo_service.services.summary import attribution
from geo_service.services.told import TOLD, rounding_salt
from geo_service.services.walks import People
from geo_service.storage import overview
from geo_service.storage.frames import read_frame

Ints = npt.NDArray[np.int64]
_KIND: Final = "checklist"
_FORMAT: Final = 5  # raised when the same inputs would give another result
_READ_LAYERS: Final = (
    "areas", "buildings", "facilities", "entrances", "inventory_statements", "public_spaces", "green_spaces",
    "checklist_findings",
)  # fmt: skip
_USES: Final = ("item", "level", "green", "service_floor", "reach", "scale")
_REACH_MINUTES: Final = 10.0  # where no rule in force says how far a community reaches
_WALKER: Final = "standard"
_TABLES: Final = ("communities", "rows", "ratios", "green", "levels")
# what rules on levels are held against; their sizes only tell the levels apart
_COMPARED: Final = ("service_radius_m", "walk_minutes")


@dataclass(frozen=True)
class ChecklistQuestion:
    """The sheet of one community, or of all; checked as existing or as new estates.

    ``at`` is the time of day (HH:MM) by which gates are open or shut, None: open at all hours.
    """

    community: str | None
    estate: str
    at: str | None = None

    @classmethod
    def asked(
        cls, community: str | None = None, *, estate: str = "existing", at: str | None = None
    ) -> "ChecklistQuestion":
        """Return the checked question; InvalidInput ``estate_unknown``, ``time_of_day``."""
        return cls(community or None, checked_estate(estate), time_of_day(at))

    def parameters(self) -> dict[str, object]:
        """Return what was asked, as it is kept with the run."""
        asked: dict[str, object] = {"community": self.community, "estate": self.estate}
        return asked | ({} if self.at is None else {"at": self.at})


def _inputs(conn: Connection, ctx: Context) -> dict[str, Any]:
    targets = read_targets(conn, ctx, CATEGORY_CODES)
    more = {"rules": rulebook(conn, ctx).version(*_USES), "finding_term_days": finding_term_days()}
    return inputs_of(conn, ctx, _READ_LAYERS, targets=targets, **more)


def _fingerprint(conn: Connection, ctx: Context, question: ChecklistQuestion) -> str:
    _communities(conn, question)
    old = read_findings(conn, ctx).to_review()  # what the day changes
    speed_m_s = profile_named(_WALKER).speed_m_s
    return fingerprint_of(_KIND, _FORMAT, question, _inputs(conn, ctx), speed_m_s=speed_m_s, to_review=old)


def compute_checklist(conn: Connection, ctx: Context, question: ChecklistQuestion) -> Finished:
    """Compute the sheets without keeping them.

    Raises InvalidInput ``checklist_no_communities``, ``no_homes``, ``no_homes_use_unknown``,
    ``checklist_no_facilities``, ``checklist_no_rules``; NotFound ``community_unknown``.
    """
    may(ctx.actor, "analyse")
    started = time.perf_counter()
    ctx.progress(None, "progress.reading")
    made = _Made.of(conn, ctx, question)
    differ = readings_differ(made.ground.networks)
    exact, told = made.both(conn, ctx.stage(0.1, 0.5 if differ else 0.9))
    if differ:  # where it is not known whether quarters are closed
        part = ctx.stage(0.5, 0.9)
        closed = _Made.of(conn, part, question, "closed").both(conn, part)
        exact, told = (one | if_closed(one, two, _TABLES) for one, two in zip((exact, told), closed, strict=True))
    ctx.progress(0.9, "progress.counting")
    pairs = overview.sources(conn)
    stock = made.stock
    unregistered = unregistered_rows(stock.sites, stock.inside, stock.communities, made.shown)
    result = {
        "estate": question.estate,
        "community": question.community,
        "people_basis": made.ground.homes.people_basis,
        "goals": _goals(),
        "rules": {rule.id: cited(rule) for rule in made.rules},
        "unregistered": unregistered,
        "notes": [*made.notes(question.estate), *unregistered_note(unregistered), *closure_notes(made.ground.networks)],
        "attribution": attribution(pairs),
        "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in pairs),
        **exact,
    }
    ctx.progress(1.0, "progress.counting")
    parts = {TOLD: json.dumps(told, ensure_ascii=False, allow_nan=False).encode()}
    seconds = time.perf_counter() - started
    print_of = _fingerprint(conn, ctx, question)
    return Finished(_KIND, print_of, question.parameters(), _inputs(conn, ctx), result, seconds, parts)


def _communities(conn: Connection, question: ChecklistQuestion) -> Any:
    """Return id, code and name of all communities; raises where there are none, or not the one asked for."""
    frame = read_frame(conn, LAYERS["areas"], ["id", "code", "name"], geometry=False, where={"level": "community"})
    if not len(frame):
        raise InvalidInput("checklist_no_communities")
    if question.community is not None and question.community not in set(frame["code"]):
        raise NotFound("community_unknown", community=question.community[:64])
    return frame


@dataclass(frozen=True)
class _Made:
    """Everything read, and what of it does not depend on how people are counted."""

    ground: Ground
    stock: Stock
    counts: Counted
    book: Book
    rules: Sequence[Rule]
    lines: Sequence[Line]
    reach: Limit
    shown: Sequence[int]

    @classmethod
    def of(cls, conn: Connection, ctx: Context, question: ChecklistQuestion, reading: Reading = "open") -> "_Made":
        """Read what the sheets rest on."""
        areas, homes = read_areas(conn), read_homes(conn)
        frame = _communities(conn, question)
        codes = [str(code) for code in frame["code"]]
        if not len(homes):
            raise no_homes(homes)
        rules = rulebook(conn, ctx).used(*_USES)
        by_item = {item.code: [r for r in rules if r.use == "item" and r.checklist_item == item.code] for item in ITEMS}
        if not any(by_item.values()):
            raise InvalidInput("checklist_no_rules")
        sites = read_sites(conn, ctx, (float(np.mean(homes.lon)), float(np.mean(homes.lat))))
        if not len(sites):
            raise InvalidInput("checklist_no_facilities")
        division = divide(conn, homes, areas, "community")
        index_of = {int(ident): place for place, ident in enumerate(frame["id"])}
        walker = profile_named(_WALKER)
        networks = open_networks(conn, ctx, reading, at=question.at) if network_fingerprints(conn) else []
        ground = Ground(networks, homes, areas, division, walker)
        book = Book(by_item, question.estate == "new")
        reach = _reach(rules, walker)
        complete = inventory_complete(conn, areas, division, CATEGORY_CODES)[: len(codes)]
        names = [name if isinstance(name, str) else None for name in frame["name"]]
        nothing = np.zeros(0, np.int64)
        inside, communities = sites.inside(areas, index_of), list(zip(codes, names, strict=True))
        managed, findings = _managed(conn, homes), read_findings(conn, ctx)
        stock = Stock(sites, inside, (nothing, nothing), complete, managed, communities, findings)
        near = _near(ctx.stage(0.02, 0.1), ground, stock, _groups(book, rules), reach)
        stock = replace(stock, near=near)
        shown = [place for place, code in enumerate(codes) if question.community in (None, code)]
        lines = lines_of([rule for rule in rules if rule.use == "level"], by_item, walker)
        return cls(ground, stock, exact_counts(conn, homes, ground.settled), book, rules, lines, reach, shown)

    def both(self, conn: Connection, ctx: Context) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the tables of the result: exact, and as they are told."""
        levels, told_levels = walked_rows(conn, ctx.stage(0.0, 0.6), self.ground, self.stock.sites, self.lines)
        greens = self.greens(ctx.stage(0.6, 1.0))
        told = told_counts(self.counts, self.ground.homes, rounding_salt(conn, ctx))
        return self.tables(self.counts, levels, greens), self.tables(told, told_levels, greens)

    def greens(self, ctx: Context) -> Greens:
        """Return the parks of each level with who reaches them."""
        greens = Greens(self.stock.sites, [rule for rule in self.rules if rule.use == "green"])
        if self.ground.networks:
            greens.walk(ctx, self.ground.networks, _people(self.ground), self.ground.walker)
        return greens

    def tables(self, counted: Counted, levels: Sequence[Mapping[str, Any]], greens: Greens) -> dict[str, Any]:
        """Return the tables of the result for one way of counting people."""
        sheet = Sheet(self.stock, self.book, counted)
        walked = {(row["code"], row["category"]): row for row in levels}
        rows: list[dict[str, Any]] = []
        circles: list[dict[str, Any]] = []
        small = self._too_small()
        for place in self.shown:
            items: dict[str, dict[str, Any]] = {}
            for line in self.lines:
                check = walk_check(
                    line,
                    walked.get((self.stock.communities[place][0], line.key)),
                    is_complete=self.stock.is_complete(place, (line.category,)),
                    new_estate=self.book.new_estate,
                    too_small=int(small[line.key][place]),
                )
                if line.item is not None:
                    items[line.item] = check
                elif self.ground.networks:
                    circles.append(level_row(self.stock.communities[place], line, check))
            rows += sheet.rows(place, items)
        floor = [rule for rule in self.rules if rule.use == "service_floor"]
        return {
            "communities": self._communities(counted, rows),
            "rows": rows,
            "ratios": service_floor_rows(sheet, floor, self.shown),
            "green": greens.rows(self.stock, counted, self.shown, new_estate=self.book.new_estate),
            "levels": circles,
        }

    def _too_small(self) -> dict[str, Ints]:
        """Return for each line how many of a community's facilities are too small for its level, shape (c,)."""
        found = {}
        for line in self.lines:
            at = self.stock.inside[line.too_small(self.stock.sites)]
            found[line.key] = np.bincount(at[at >= 0], minlength=len(self.stock.communities))
        return found

    def _communities(self, counted: Counted, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        size = len(self.stock.communities)
        (households, told_households), (persons, told_persons) = (
            counted.household_sums(size),
            counted.person_sums(size),
        )
        scale = next((rule.value for rule in self.rules if rule.use == "scale" and isinstance(rule.value, list)), None)
        homes = np.bincount(counted.settled[counted.settled >= 0], minlength=size)
        found = []
        for number, place in enumerate(self.shown):
            code, name = self.stock.communities[place]
            people = _number(persons[place]) if told_persons[place] else None
            is_of_scale = None if people is None or scale is None else bool(scale[0] <= people <= scale[1])
            found.append(
                {
                    "code": code,
                    "name": name,
                    "buildings": int(homes[place]),
                    "households": _number(households[place]) if told_households[place] else None,
                    "people": people,
                    "is_of_scale": is_of_scale,
                    "withheld": not (told_households[place] and told_persons[place]),
                    **counts_of(rows[number * len(ITEMS) : (number + 1) * len(ITEMS)]),
                }
            )
        return found

    def notes(self, estate: str) -> list[dict[str, Any]]:
        """Return what a reader must know."""
        items = {rule.id for rule in self.rules if rule.use == "item"}
        facts = {
            "estate": estate,
            "has_network": bool(self.ground.networks),
            "has_households": bool(np.isfinite(self.counts.households).any()),
            "reach": self.reach,
            "to_review": len(self.stock.findings.to_review()),
            "count": len(self.rules),
            "open": sum(bool(rule.to_verify) for rule in self.rules),
            "differ": [
                one
                for one in disagreeing(self.rules)
                if one["is_contradiction"] or one["metric"] in _COMPARED or one["one"] in items
            ],
        }
        return sheet_notes(facts)


def _people(ground: Ground) -> People:
    homes, areas = ground.homes, ground.areas
    return People(homes.lon, homes.lat, lambda area: areas.holds(area, homes))


def _reach(rules: Sequence[Rule], walker: Profile) -> Limit:
    """Return how far a community's own facilities may be: the outer of the walking minutes of the rule in force."""
    minutes = next((rule.walk_minutes for rule in rules if rule.use == "reach" and rule.walk_minutes), _REACH_MINUTES)
    return limit_of(walker, minutes=float(minutes))


def _groups(book: Book, rules: Sequence[Rule]) -> list[tuple[str, ...]]:
    floor = [tuple(rule.categories) for rule in rules if rule.use == "service_floor" and rule.categories]
    return list(dict.fromkeys([*book.groups(), *floor]))


def _near(
    ctx: Context, ground: Ground, stock: Stock, groups: Sequence[tuple[str, ...]], reach: Limit
) -> tuple[Ints, Ints]:
    """Return homes and sites within reach of each other: of communities that lack a group, and sites of that group."""
    settled = ground.settled
    homes_in = np.zeros(len(settled), bool)
    wanted = np.zeros(len(stock.sites), bool)
    for group in groups:
        here = (settled >= 0) & stock.lacking(group)[settled]
        if here.any():
            homes_in |= here
            wanted[stock.places(group)] = True
    home, place = np.flatnonzero(homes_in), np.flatnonzero(wanted & stock.sites.serves_all)
    if not ground.networks or not len(home) or not len(place):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    people = _people(ground)
    some = People(people.lon[home], people.lat[home], lambda area: people.belongs(area)[home])
    targets = targets_at(stock.sites.targets, place)
    found = reached(ground.networks, targets, some, limit=reach, profile=ground.walker, progress=ctx.progress)
    return home[found.home].astype(np.int64), place[found.facility].astype(np.int64)


def _managed(conn: Connection, homes: Homes) -> npt.NDArray[np.object_]:
    frame = read_frame(conn, LAYERS["buildings"], ["id", "property_management"], geometry=False)
    stored = dict(zip(frame["id"].tolist(), frame["property_management"].tolist(), strict=True))
    return np.array([stored[int(ident)] for ident in homes.id], object)


def _goals() -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "label": {lang: text(f"checklist.goal.{number}", lang) for lang in LANGS},
            "items": [
                {"code": item.code, "label": {lang: text(f"checklist.item.{item.code}", lang) for lang in LANGS}}
                for item in ITEMS
                if item.goal == number
            ],
        }
        for number in range(1, 7)
    ]


def _number(value: float) -> int | None:
    return None if np.isnan(value) else round(float(value))


CHECKLIST: Final = Kind(_KIND, ChecklistQuestion.asked, _fingerprint, compute_checklist)
