"""The figures that come first: of the people a category is there for, of everybody where it is there for all.

A kindergarten is there for ages 3 to 5: what share of *everybody* reaches one says nothing (decision 32).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from geo_service.analysis.coverage import ALL
from geo_service.domain.capacity import concerned_bands
from geo_service.domain.reference import categories
from geo_service.foundation.texts import Lang, listed, text

_STATES: Final = ("covered", "not_covered", "unknown")
_WALKS: Final = ("mean_m", "mean_s")
_ONE_BAND_ONLY: Final = ("p90_m", "p90_s")
Share = float | Literal["unknown"] | None
_MOSTLY: Final = 0.5
CONCERNED: Final = "concerned"  # band of a row of all bands a category is there for, in files


def bands_first(category: str) -> tuple[str, ...]:
    """Return the age bands whose people come first: those the category is there for, else everybody (``all``)."""
    return concerned_bands(category) or (ALL,)


def label_of(category: str, bands: Sequence[str], lang: Lang) -> str:
    """Return a category's name, with the ages its figure is of where that is not everybody."""
    label = categories()[category].label[lang]
    if list(bands) == [ALL]:
        return label
    ages = listed((text(f"band.{band}", lang) for band in bands), lang)
    return text("headline.label", lang, label=label, ages=ages)


def basis_of(row: Mapping[str, Any]) -> str:
    """Return what the shares of a row are of: ``people``, ``buildings`` where nobody's people are known."""
    return "people" if row["people_total"] is not None else "buildings"


def is_mostly_unknown(row: Mapping[str, Any], basis: str | None = None) -> bool:
    """Whether of more than half of a row's people, or buildings, nobody knows if they are covered.

    Then the row has no share covered to be told or painted: what is not known is no gap (PRODUCT §3.4).
    """
    share = row.get(f"{basis or basis_of(row)}_unknown_share")
    return share is not None and share > _MOSTLY


def share_told(row: Mapping[str, Any], basis: str | None = None) -> Share:
    """Return the share covered 0..1 as it is told: ``unknown`` where most are, None if withheld or without data."""
    if row.get("withheld"):
        return None
    if is_mostly_unknown(row, basis):
        return "unknown"
    share = row[f"{basis or basis_of(row)}_covered_share"]
    return None if share is None else float(share)


def first_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row of a coverage result for each place and category: its people of :func:`bands_first`.

    ``bands`` names them. People are :func:`sums` of the rows of these bands, ``withheld`` if any is; mean walks are
    weighted by the people who reach one, None where something is withheld, 90th percentiles only of a single band.
    Buildings have no age. Places without rows by band have those of everybody.
    """
    places: dict[tuple[Any, Any], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        places.setdefault((row["code"], row["category"]), {})[row["band"]] = row
    return [_first(category, by_band) for (_, category), by_band in places.items()]


def with_concerned(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of a coverage result with one of band :data:`CONCERNED` before those of each place and category.

    That of :func:`first_rows`, of categories that are there for certain ages, where rows by age are there.
    """
    heads = {(row["code"], row["category"]): row for row in first_rows(rows) if row["bands"] != [ALL]}
    made: list[Mapping[str, Any]] = []
    for row in rows:
        if row["band"] == ALL and (row["code"], row["category"]) in heads:
            made.append({**heads[row["code"], row["category"]], "band": CONCERNED})
        made.append(row)
    return made


def sums(rows: Sequence[Mapping[str, Any] | None], names: Iterable[str]) -> dict[str, Any]:
    """Return the sums of columns over published rows; None where one is withheld or not known, or there is no row."""
    found: dict[str, Any] = {}
    for name in names:
        values = [None if row is None else row[name] for row in rows]
        known = [value for value in values if value is not None]
        found[name] = _plain(sum(known)) if len(known) == len(values) else None
    return found


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else round(value, 3)


def _first(category: str, by_band: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    bands = bands_first(category)
    if any(band not in by_band for band in bands):
        bands = (ALL,)
    own = [by_band[band] for band in bands]
    found = {**own[0], "bands": list(bands)}
    if len(own) == 1:
        return found
    found["band"] = "+".join(bands)
    withheld = any(row.get("withheld", False) for row in own)
    found |= sums(own, (f"people_{name}" for name in ("total", *_STATES)))
    total = found["people_total"]
    for name in _STATES:
        count = found[f"people_{name}"]
        found[f"people_{name}_share"] = round(count / total, 6) if total and count is not None else None
    found |= _walks(own) if not withheld else dict.fromkeys((*_WALKS, "reached_share"))
    found |= dict.fromkeys(_ONE_BAND_ONLY)
    if any("withheld" in row for row in own):
        found["withheld"] = withheld
    return found


def _walks(own: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return means and share reached of several bands together."""
    total = sum(row["people_total"] or 0 for row in own)
    reached = [(row["people_total"] or 0) * (row["reached_share"] or 0) for row in own]
    made: dict[str, Any] = {"reached_share": round(sum(reached) / total, 6) if total else None}
    for name in _WALKS:
        pairs = [(row[name], weight) for row, weight in zip(own, reached, strict=True) if row[name] is not None]
        weights = sum(weight for _, weight in pairs)
        made[name] = round(sum(value * weight for value, weight in pairs) / weights, 2) if weights else None
    return made
