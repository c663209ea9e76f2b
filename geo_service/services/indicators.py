"""Official indicators with a straight service radius as they are defined, the walking figure beside (PRODUCT §3.7)."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo_service.analysis.radius import Covered, covered_by_radius
from geo_service.analysis.states import COVERED, NOT_COVERED, UNKNOWN, States
from geo_service.domain.areas import LEVELS
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import Limit, Profile, profile_named
from geo_service.domain.rules import Rule
from geo_service.foundation.errors import InvalidInput
from geo_service.services.analyses import Kind, fingerprint_of, inputs_of
from geo_service.services.checklist_places import Sites, read_sites, targets_at
from geo_service.services.closure_notes import closure_notes, readings_differ
from geo_service.services.context import Context
from geo_service.services.coverage_rows import Answer, Answers, Tables, written
from geo_service.services.facilities import read_targets
from geo_service.services.groups import Division, divide, inventory_complete
from geo_service.services.homes import WHOLE, level_to_use, no_homes, read_areas, read_homes
from geo_service.services.indicator_rows import Found, indicator_notes, indicator_row
from geo_service.services.networks import Streets, network_fingerprints, open_networks
from geo_service.services.questions import CoverageQuestion
from geo_service.services.readings import if_closed
from geo_service.services.rights import may
from geo_service.services.rules import cited, rulebook
from geo_service.services.runs import Finished
from geo_service.services.summary import attribution
from geo_service.services.told import TOLD, rounding_salt, tell
from geo_service.services.walks import People, Walks, walk
from geo_service.storage import overview
from geo_service.storage.frames import read_frame

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_KIND: Final = "indicators"
_FORMAT: Final = 4  # raised when the same inputs would give another result
_READ_LAYERS: Final = (
    "areas", "buildings", "facilities", "entrances", "inventory_statements", "public_spaces", "green_spaces",
)  # fmt: skip
_USES: Final = ("indicator", "target")
_WALKER: Final = "standard"
_TABLES: Final = ("totals", "rows")
_LAND: Final = "quarter"
_BY: Final = LEVELS[: LEVELS.index(_LAND)]


@dataclass(frozen=True)
class IndicatorsQuestion:
    """The indicators by an area level."""

    by: str

    @classmethod
    def asked(cls, by: str = "community") -> "IndicatorsQuestion":
        """Return the checked question; InvalidInput ``by_unknown``."""
        if by not in _BY:
            raise InvalidInput("by_unknown", by=by[:40], known=", ".join(_BY))
        return cls(by)

    def parameters(self) -> dict[str, object]:
        """Return what was asked, as it is kept with the run."""
        return {"by": self.by}


@dataclass(frozen=True)
class Tier:
    """Sites of one size and their radius."""

    places: Ints
    radius_m: float


@dataclass(frozen=True)
class Indicator:
    """An indicator: its rule, what serves by size, and how many sites have no known size or are not verified."""

    rule: Rule
    tiers: Sequence[Tier]
    unsure: int

    @property
    def sites(self) -> Ints:
        """Return the places of all its sites."""
        return np.concatenate([np.zeros(0, np.int64), *(tier.places for tier in self.tiers)])


def _inputs(conn: Connection, ctx: Context) -> dict[str, Any]:
    targets = read_targets(conn, ctx, CATEGORY_CODES)
    return inputs_of(conn, ctx, _READ_LAYERS, targets=targets, rules=rulebook(conn, ctx).version(*_USES))


def _fingerprint(conn: Connection, ctx: Context, question: IndicatorsQuestion) -> str:
    return fingerprint_of(_KIND, _FORMAT, question, _inputs(conn, ctx), speed_m_s=profile_named(_WALKER).speed_m_s)


def compute_indicators(conn: Connection, ctx: Context, question: IndicatorsQuestion) -> Finished:
    """Compute the indicators without keeping them.

    Raises InvalidInput ``no_homes``, ``no_homes_use_unknown``, ``indicators_no_rules``.
    """
    may(ctx.actor, "analyse")
    started = time.perf_counter()
    ctx.progress(None, "progress.reading")
    rules = rulebook(conn, ctx).used(*_USES)
    asked = [rule for rule in rules if rule.use == "indicator"]
    if not asked:
        raise InvalidInput("indicators_no_rules")
    homes, areas = read_homes(conn), read_areas(conn)
    if not len(homes):
        raise no_homes(homes)
    by = level_to_use(question.by, areas, frozenset())
    division = divide(conn, homes, areas, by)
    sites = read_sites(conn, ctx, (float(np.mean(homes.lon)), float(np.mean(homes.lat))))
    indicators = [_indicator(rule, sites) for rule in asked]
    land, territory = _land(conn, sites, division)
    points = shapely.points(*sites.frame.to_metric(homes.lon, homes.lat))
    covered = [_covered(one, sites, land, territory, points) for one in indicators]
    ctx.progress(0.3, "progress.walking")
    networks = open_networks(conn, ctx) if network_fingerprints(conn) else []
    people_here = People(homes.lon, homes.lat, lambda area: areas.holds(area, homes))
    both = list(zip(indicators, covered, strict=True))
    tables = _tables(indicators, division, profile_named(_WALKER))
    complete = inventory_complete(conn, areas, division, CATEGORY_CODES)
    is_outside = ~shapely.covers(shapely.union_all(land), points) if len(land) else np.ones(len(homes), bool)
    away = _outside_share(is_outside, division)
    found = [
        Found(one.rule, covered[n], one.unsure, len(one.sites), bool(networks), _is_complete(one.rule, complete), away)
        for n, one in enumerate(indicators)
    ]
    targets = [rule for rule in rules if rule.use == "target"]
    salt = rounding_salt(conn, ctx)

    def read(streets: Sequence[Streets], part: Context) -> tuple[dict[str, Any], dict[str, Any]]:
        states = _states(part, streets, people_here, sites, both)
        answers = Answers(Answer(Walks.nothing(2 * len(indicators), len(homes)), states), {}, [])
        people = homes.people or {}
        exact = (list(written(tables.rows(answers, people))), list(written(tables.totals(answers, people))))
        told = tell(tables, answers, homes, areas, salt)
        counted = (exact, (list(told.rows), list(told.totals)))
        one, two = (_rows(found, division, by, rows, targets) for rows in counted)
        return one, two

    differ = readings_differ(networks)
    exact, told = read(networks, ctx.stage(0.3, 0.6 if differ else 0.9))
    if differ:
        closed = read(open_networks(conn, ctx, "closed"), ctx.stage(0.6, 0.9))
        exact, told = (one | if_closed(one, two, _TABLES) for one, two in zip((exact, told), closed, strict=True))
    outside = int(is_outside.sum())
    pairs = overview.sources(conn)
    result = {
        "by": by,
        "by_requested": question.by,
        "people_basis": homes.people_basis,
        "residential_land": {"definition": _LAND, "polygons": len(land), "buildings_outside": outside},
        "rules": {rule.id: cited(rule) for rule in rules},
        "notes": [
            *indicator_notes(len(land), outside, len(homes), found, has_network=bool(networks)),
            *closure_notes(networks),
        ],
        "attribution": attribution(pairs),
        "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in pairs),
        **exact,
    }
    ctx.progress(1.0, "progress.counting")
    parts = {TOLD: json.dumps(told, ensure_ascii=False, allow_nan=False).encode()}
    seconds = time.perf_counter() - started
    print_of = _fingerprint(conn, ctx, question)
    return Finished(_KIND, print_of, question.parameters(), _inputs(conn, ctx), result, seconds, parts)


def _indicator(rule: Rule, sites: Sites) -> Indicator:
    """Return what serves for an indicator: parks by their size where the rule has tiers, everything else alike.

    A straight radius asks neither who may enter nor by which gate; parks that are not public are none.
    """
    places = sites.in_categories(*(rule.categories or ()))
    if "park" in (rule.categories or ()):
        places = places[sites.serves_all[places]]
    sure = places[sites.targets.verified[places]]
    unsure = len(places) - len(sure)
    if isinstance(rule.value, list):
        size = sites.land_m2[sure]
        steps = sorted(((float(one["min_m2"]), float(one["radius_m"])) for one in rule.value), reverse=True)
        tops = [np.inf, *(least for least, _ in steps)]
        tiers = [
            Tier(sure[(size >= least) & (size < top)], radius)
            for (least, radius), top in zip(steps, tops, strict=False)
        ]
        return Indicator(rule, tiers, unsure + int(np.isnan(size).sum()))
    if rule.service_radius_m is None or not rule.categories:
        return Indicator(rule, [], unsure)
    return Indicator(rule, [Tier(sure, float(rule.service_radius_m))], unsure)


def _land(
    conn: Connection, sites: Sites, division: Division
) -> tuple[npt.NDArray[np.object_], list[shapely.Geometry | None]]:
    """Return residential land (the polygons of quarters) and the parts of the territory, the whole last."""
    frame = read_frame(conn, LAYERS["areas"], ["id", "level"])
    shapes = shapely.make_valid(sites.frame.geometries_to_metric(frame.geometry.to_numpy()))
    by_id = dict(zip(frame["id"].tolist(), shapes, strict=True))
    land = shapes[(frame["level"] == _LAND).to_numpy()]
    nothing = shapely.GeometryCollection()
    return land, [*(by_id.get(ident, nothing) for ident in division.area_id), None]


def _covered(
    one: Indicator,
    sites: Sites,
    land: npt.NDArray[np.object_],
    territory: Sequence[shapely.Geometry | None],
    points: npt.NDArray[np.object_],
) -> Covered:
    radius = np.concatenate([np.zeros(0), *(np.full(len(tier.places), tier.radius_m) for tier in one.tiers)])
    return covered_by_radius(sites.shape[one.sites], radius, land, territory, points)


def _states(
    ctx: Context, networks: Sequence[Streets], people: People, sites: Sites, found: Sequence[tuple[Indicator, Covered]]
) -> States:
    """Return for each indicator the states by the straight radius, then those by the walk."""
    count = len(people.lon)
    states, reasons = [], []
    for number, (one, covered) in enumerate(found):
        states.append(np.where(covered.points, COVERED, NOT_COVERED).astype(np.uint8))
        reasons.append(np.zeros(count, np.uint8))
        part = ctx.stage(number / len(found), (number + 1) / len(found))
        state, reason = np.full(count, NOT_COVERED, np.uint8), np.zeros(count, np.uint8)
        for tier in one.tiers if networks else ():
            limit = Limit("distance", tier.radius_m, None)
            targets = targets_at(sites.targets, tier.places)
            alike = replace(targets, category=np.zeros(len(targets), np.int32))
            walked = walk(
                networks, alike, people, category_count=1, limit=limit, profile=profile_named(_WALKER),
                progress=part.progress,
            ).states(limit)  # fmt: skip
            better = (state != COVERED) & ((walked.state[0] == COVERED) | (walked.state[0] == UNKNOWN))
            state, reason = np.where(better, walked.state[0], state), np.where(better, walked.reason[0], reason)
        states.append(state.astype(np.uint8))
        reasons.append(reason.astype(np.uint8))
    return States(np.stack(states), np.stack(reasons))


def _tables(indicators: Sequence[Indicator], division: Division, walker: Profile) -> Tables:
    """Return what makes the rows of people: those of coverage, with indicators in place of categories."""
    keys = tuple(f"{one.rule.id} {way}" for one in indicators for way in ("radius", "walk"))
    question = CoverageQuestion(keys, None, None, walker, division.groups.level, Limit("distance", 0.0, None))
    nobody_said = np.full((len(division.groups.codes), len(keys)), None, object)
    return Tables(question, np.zeros(0, np.int32), division, nobody_said, with_bands=False)


def _is_complete(rule: Rule, complete: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return whether the inventory of the rule's categories is complete in each group, and everywhere (last)."""
    columns = [CATEGORY_CODES.index(code) for code in rule.categories or ()]
    each = np.array([bool(columns) and all(row[n] is True for n in columns) for row in complete], bool)
    return np.append(each, bool(len(each)) and each.all())


def _outside_share(is_outside: npt.NDArray[np.bool_], division: Division) -> Floats:
    """Return the share of homes outside the land in each group, NaN where there is no home, and of all (last)."""
    size, index = len(division.groups.codes), division.groups.index
    here = index >= 0
    homes = np.bincount(index[here], minlength=size)
    away = np.bincount(index[here & is_outside], minlength=size)
    share = np.divide(away, homes, out=np.full(size, np.nan), where=homes > 0)
    return np.append(share, is_outside.mean())


def _rows(
    found: Sequence[Found],
    division: Division,
    by: str,
    counted: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    targets: Sequence[Rule],
) -> dict[str, Any]:
    """Return totals and rows of the result for one way of counting people."""
    rows, totals = counted
    # a group of homes in no area has no code
    by_key = {(row["code"], row["category"]): row for row in rows}
    whole = {row["category"]: row for row in totals if row["band"] == "all"}
    areas = [(place, code, name) for place, (code, name) in enumerate(
        zip(division.groups.codes, division.groups.names, strict=True)
    ) if by != WHOLE and not (division.has_rest and place == len(division.groups.codes) - 1)]  # fmt: skip
    last = len(division.groups.codes)
    made: list[dict[str, Any]] = []
    sums: list[dict[str, Any]] = []
    for one in found:
        for place, code, name in areas:
            both = [by_key.get((code, f"{one.rule.id} {way}")) for way in ("radius", "walk")]
            made.append(indicator_row(one, place, (by, code, name), both, ()))
        both = [whole.get(f"{one.rule.id} {way}") for way in ("radius", "walk")]
        sums.append(indicator_row(one, last, (WHOLE, None, None), both, targets))
    return {"totals": sums, "rows": made}


INDICATORS: Final = Kind(_KIND, IndicatorsQuestion.asked, _fingerprint, compute_indicators)
