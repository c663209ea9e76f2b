"""The figures of a what-if that come first: of the people a category is there for, before and after (decision 32)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from geo_service.analysis.coverage import ALL
from geo_service.domain.suppression import FEWEST_PERSONS, ROUNDED_TO
from geo_service.services.headlines import bands_first, sums
from geo_service.services.scenario_rows import FIGURES

_PLACE: Final = ("scenario", "level", "code", "name", "category")


def headlines(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each scenario, category and place of ``rows``: its people of ``headlines.bands_first``.

    People are :func:`headlines.sums` of the rows of these bands, ``withheld`` (where the rows have it) if any is.
    Buildings are those of the row of everybody: they have no age.
    Cells of the unit grid have no rows by band: theirs are of everybody.
    """
    places: dict[tuple[Any, ...], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        places.setdefault(tuple(row[key] for key in _PLACE), {})[row["band"]] = row
    return [_headline(dict(zip(_PLACE, place, strict=True)), by_band) for place, by_band in places.items()]


def _headline(place: dict[str, Any], by_band: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    bands = (ALL,) if place["level"] == "unit_grid" else bands_first(place["category"])
    own = [by_band.get(band) for band in bands]
    people, buildings = ([name for name in FIGURES if name.startswith(of)] for of in ("people", "buildings"))
    found: dict[str, Any] = {**place, "bands": list(bands), **sums(own, people), **sums([by_band[ALL]], buildings)}
    if found["people_newly_covered"] is None:
        found["people_newly_covered"] = _newly(found)
    if any("withheld" in row for row in by_band.values()):
        found["withheld"] = any(row is not None and row["withheld"] for row in own)
    return found


def _newly(found: Mapping[str, Any]) -> float | None:
    """Return the people newly covered where each band's are too few to be told, but not all of them together.

    Where nobody else moves they are the published difference of those not covered; so many fives of one person at
    least each prove that they are enough.
    """
    still = ("people_covered_from_unknown", "people_no_longer_covered", "people_unknown_difference")
    lacking = found["people_not_covered_difference"]
    if lacking is None or any(found[name] != 0 for name in (*still, "people_total_difference")):
        return None
    return -lacking if -lacking >= FEWEST_PERSONS * ROUNDED_TO else None
