"""Places (capacity) before and after edits in the terminal."""

from collections.abc import Mapping
from typing import Any, Final

from geo_service.cli.console import lang, out, say, show_table
from geo_service.domain.reference import categories
from geo_service.services.homes import NO_AREA, WHOLE
from geo_service.services.scenario_place_rows import is_changed
from geo_service.services.scenario_rows import SIDES

_SHOWN: Final = 10  # areas of a category


def show_places(result: Mapping[str, Any], names: Mapping[str | None, str]) -> None:
    """Show for every category with places who has enough before and after each scenario; of one its areas, too."""
    for about in result.get("capacity", ()):
        code = about["category"]
        unit, who = say(f"capacity_unit.{about['unit']}"), say(f"concerned.{code}")
        needed = "—" if about["needed_per_1000"] is None else f"{about['needed_per_1000']:g}"
        rows = [
            row
            for name in ("capacity_totals", "capacity_rows")
            for row in result[name]
            if row["category"] == code and (row["level"] == WHOLE or (len(names) == 1 and is_changed(row)))
        ]
        cells = [
            [
                _place(row, names[row["scenario"]] if len(names) > 1 else ""),
                *(_share(row[f"enough_share_{side}"]) for side in SIDES[:2]),
                *(row[f"places_per_1000_{side}"] for side in SIDES[:2]),
                *(row[f"people_below_needed_{side}"] for side in SIDES),
                *(row[f"people_unknown_{side}"] for side in SIDES[:2]),
            ]
            for row in rows[: max(len(names), _SHOWN)]
        ]
        show_table(
            [say("cli.scenario_area"), *(say(f"cli.scenario_{one}") for one in _TITLES)],
            cells,
            title=say(
                "cli.scenario_places", category=categories()[code].label[lang()], unit=unit, who=who, needed=needed
            ),
        )
        for row in result["capacity_facilities"]:
            if row["category"] == code and row["change"]:
                facts = {side: _figure(row[f"capacity_{side}"]) for side in SIDES[:2]}
                facts |= {f"load_{side}": _share(row[f"load_share_{side}"]) or "—" for side in SIDES[:2]}
                what = " ".join(str(part) for part in (row["name"], row["code"]) if part)
                what = what or say("scenario_change.nameless")
                change = "".join(say(f"scenario_change.{one}") for one in row["change"].split(", "))
                out.print(say("cli.scenario_facility", what=what, change=change, unit=unit, **facts), markup=False)


_TITLES: Final = (
    "enough_before", "enough_after", "per_1000_before", "per_1000_after", "short_before", "short_after",
    "short_difference", "unsure_before", "unsure_after",
)  # fmt: skip


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value * 100:.0f} %"


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _place(row: Mapping[str, Any], name: str) -> str:
    if row["level"] in (WHOLE, NO_AREA):
        return name or say("cli.scenario_total" if row["level"] == WHOLE else "level.none")
    return " ".join(str(part) for part in (row["name"], row["code"]) if part)
