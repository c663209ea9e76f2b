"""Writes ``data/reference/rules.json`` from the table of attested facts: ``scripts/make_rules.py STANDARDS.json``.

Nothing is added to what the facts say but what they are used for here: the facility categories (from
``standard_categories.json``), the level's code, which check reads the rule, and whether it is in force for an office
that has decided nothing yet. ``tests/domain/test_rules.py`` holds both tables against each other.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

REFERENCE: Final = Path(__file__).resolve().parents[1] / "data" / "reference"
VERSION: Final = "2026.1"
LEVELS: Final = {
    "居住街坊": "block",
    "城市": "city",
    "单元网格": "grid",
    "专业网格": "grid",
    "乡集镇": "township",
    "村/组": "village",
}
RENAMED: Final = {
    "min_building_area_m2": "min_floor_area_m2",
    "max_building_area_m2": "max_floor_area_m2",
    "per_household_ratio": "per_household",
    "per_capita_ratio": "per_person",
}
FIGURES: Final = (
    "service_radius_m", "walk_minutes", "min_building_area_m2", "max_building_area_m2", "min_land_area_m2",
    "max_land_area_m2", "per_household_ratio", "per_capita_ratio", "metric", "value", "unit",
)  # fmt: skip
# words of the standards → what they oblige to (应 requirement, 宜 and 可 advice)
STRENGTHS: Final = {
    "应": "requirement",
    "不应低于": "requirement",
    "不应小于": "requirement",
    "不应少于": "requirement",
    "不应大于": "requirement",
    "不低于": "requirement",
    "一般不应小于": "requirement",
    "宜": "advice",
    "不宜大于": "advice",
    "不宜超过": "advice",
    "可/具备条件": "advice",
}
# rules a check reads besides those told by their id
USES: Final = {
    "CRC-00-SCALE": "scale",
    "CRC-00-WALK": "reach",
    "CRC-HUBEI-01": "item",
    "CRC-PILOT22-30": "service_floor",
    "POL-30-2017": "service_floor",
    "GB50180-CBLK-PARK": "level",
    "GB50437-DAY": "level",
    "GB50437-STN": "level",
    "GB50437-CTR": "level",
    "GB50442D-CHC": "level",
    "GB50442D-PS": "level",
    "JGJ39-313": "level",
    "POL-AH-NUR": "level",
    "GB51346-A03": "indicator",
    "GB55014-213": "target",
    "UPE-S01": "indicator",
    "UPE-S04": "indicator",
    "UPE22-GREEN": "indicator",
    "UPE22-GREENWAY": "indicator",
}
# what a note says in words a check needs as figures
MORE: Final[dict[str, dict[str, Any]]] = {
    # 受条件限制的既有社区，可建设 2–3 个 50–100 平方米的便利店代替综合超市
    "CRC-06": {"alternative": {"categories": ["convenience"], "count": 2, "min_floor_area_m2": 50}},
    # 4.0.5: 旧区改建人均公共绿地不应低于相应控制指标的 70 %
    "GB50180-G15": {"existing_share": 0.7},
    "GB50180-G10": {"existing_share": 0.7},
    "GB50180-G05": {"existing_share": 0.7},
    # ≥5000㎡ by 500 m; 2000–5000㎡ by 300 m
    "UPE22-GREEN": {"value": [{"min_m2": 5000, "radius_m": 500}, {"min_m2": 2000, "radius_m": 300}]},
    "CRC-HUBEI-01": {"checklist_item": "CRC-01"},
}
# said to be in force by nobody that could be found
NOT_FOUND: Final = ("POL-NAT-ELD",)


def main(source: str) -> None:
    """Read the facts and write the table of rules."""
    mapping = json.loads((REFERENCE / "standard_categories.json").read_text(encoding="utf-8"))["standards"]
    facts = json.loads(Path(source).read_text(encoding="utf-8"))
    document = {
        "version": VERSION,
        "note": "Rules as an office finds them, before it edits any. version of a rule is raised when what is shipped "
        "of it changes. evidence is how sure its figures are; in_force whether checks read it; use which check.",
        "rules": [rule_of(row, mapping[row["id"]]) for row in facts],
    }
    head, rules = json.dumps({**document, "rules": []}, ensure_ascii=False, indent=1), document["rules"]
    lines = ",\n".join("  " + json.dumps(rule, ensure_ascii=False) for rule in rules)
    (REFERENCE / "rules.json").write_text(head.replace('"rules": []', f'"rules": [\n{lines}\n ]') + "\n", "utf-8")


def rule_of(row: Mapping[str, Any], mapped: Mapping[str, Any]) -> dict[str, Any]:
    """Return one rule."""
    ident = str(row["id"])
    words = row.get("strength") or words_of(str(row.get("note", "")))
    item = re.fullmatch(r"(CRC-\d\d)[AB]?", ident)
    made: dict[str, Any] = {
        "id": ident,
        "version": 1,
        "standard": row["standard"],
        "clause": row["clause"],
        "name": {"zh": row["facility_zh"], "en": row["facility_en"]},
        "subject": row["category"],
        "categories": mapped["categories"],
        "no_category": mapped.get("reason"),
        "level": LEVELS.get(str(row.get("level_ext")), row.get("level")),
        "level_text": row.get("level_ext"),
        "use": use_of(ident, row),
        "checklist_item": item[1] if item else None,
        "status": row["status"],
        "in_force": row["status"] in ("in_force", "trial") and ident not in NOT_FOUND,
        "applies_to": row.get("applies_to", "all"),
        "strength": STRENGTHS[words] if words else None,
        "strength_text": words,
        **{RENAMED.get(name, name): row[name] for name in FIGURES if name in row},
        **MORE.get(ident, {}),
        "evidence": row["evidence"],
        "unconfirmed_fields": [RENAMED.get(name, name) for name in row.get("unconfirmed_fields", [])],
        "note": row.get("note"),
    }
    return {name: value for name, value in made.items() if value not in (None, [])}


def words_of(note: str) -> str | None:
    """Return the words of obligation a note quotes where the facts have no field for them."""
    return next((words for words in ("不应大于", "不宜大于", "不宜超过") if words in note), None)


def use_of(ident: str, row: Mapping[str, Any]) -> str | None:
    """Return the check that reads a rule."""
    if ident in USES:
        return USES[ident]
    if re.fullmatch(r"CRC-\d\d[AB]?", ident):
        return "item"
    if re.fullmatch(r"GB50180-G\d\d", ident):
        return "green"
    if re.match(r"GB50180-C\d\d-", ident):
        return "level"
    return None


if __name__ == "__main__":
    main(sys.argv[1])
