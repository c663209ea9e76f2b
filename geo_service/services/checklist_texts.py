"""A sheet in words: one sentence for each line, in both languages."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from geo_service.domain.checklist import NOT_SURVEYED, PASS, RECORDED_ITEMS, SHORT, UNKNOWN
from geo_service.domain.reference import categories, finding_term_days
from geo_service.foundation.texts import LANGS, Lang, catalogue, text
from geo_service.services.notes import note


def item_sentence(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row of an item says: its checks one after the other, and whether a rule is to be verified."""
    return {lang: _sentence(row["checks"], lang, row["remark"]) for lang in LANGS}


def line_sentence(check: Mapping[str, Any]) -> dict[str, str]:
    """Return what a single check says as a sentence."""
    return {lang: _sentence([check], lang) for lang in LANGS}


def check_said(check: Mapping[str, Any], lang: Lang) -> str:
    """Return what a check says, and what it means where it is advice or a figure only."""
    facts = {key: _number(value) for key, value in check.items() if not isinstance(value, dict | list)}
    facts["must"] = text(f"checklist.must.{'advice' if check['binding'] == 'advice' else 'requirement'}", lang)
    facts |= {"what": _what(check, lang), "limit": _limit(check, lang)}
    if check.get("people_share") is not None:
        facts["share"] = f"{check['people_share'] * 100:.0f} %"
    if check.get("bands"):
        facts["who"] = text(f"concerned.{check['categories'][0]}", lang)
    if "basis" in check:
        facts["basis"] = _bare(check["basis"])
    if check.get("level"):
        facts["level"] = text(f"rule.level.{check['level']}", lang)
    said = text(_key(check), lang, **facts)
    if check.get("to_review"):
        said = text("checklist.to_review", lang, said=said, days=finding_term_days())
    if check["measure"] == "walk" and check["unknown"] and check["verdict"] != UNKNOWN:
        said = text(f"checklist.walk.besides{_of_people(check)}", lang, **facts | {"said": said})
    if check.get("too_small"):
        said = text("checklist.too_small", lang, said=said, count=check["too_small"])
    binding = "requirement" if check["verdict"] == PASS or check["measure"] == "recorded" else check["binding"]
    return text(f"checklist.bound.{binding}", lang, said=said)


def limit_said(limit: Mapping[str, Any], lang: Lang) -> str:
    """Return a limit in words."""
    return text(
        f"checklist.limit.{limit['kind']}", lang, metres=f"{limit['metres']:.0f}", minutes=f"{limit['minutes'] or 0:g}"
    )


def sheet_notes(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a reader of all sheets must know; ``facts`` as :mod:`geo_service.services.checklist` gathers them."""
    notes = [
        note(f"note.checklist_{facts['estate']}"),
        note("note.checklist_recorded", items=", ".join(RECORDED_ITEMS)),
    ]
    if facts["has_network"]:
        reach = facts["reach"]
        shown = {"minutes": f"{reach.minutes or 0:g}", "metres": f"{reach.metres:.0f}"}
        notes.append(note("note.checklist_shared", **shown))
    else:
        notes.append(note("note.checklist_no_network"))
    if not facts["has_households"]:
        notes.append(note("note.checklist_no_households"))
    if facts["to_review"]:
        notes.append(note("note.checklist_to_review", count=facts["to_review"], days=finding_term_days()))
    if facts["open"]:
        notes.append(note("note.checklist_to_verify", count=facts["count"], open=facts["open"]))
    for one in facts["differ"]:
        mine, theirs = one["says"]
        key = "note.rules_contradict" if one["is_contradiction"] else "note.rules_differ"
        notes.append(note(key, one=one["one"], other=one["other"], mine=mine, theirs=theirs))
    return notes


def _key(check: Mapping[str, Any]) -> str:
    """Return the text for a check: a special one where there is."""
    base = f"checklist.{check['measure']}.{check['verdict']}"
    special = {
        "presence": "shared" if check.get("shared") and check["verdict"] == PASS else None,
        "floor_area": _size_case(check),
        "land_area": _size_case(check),
        "green": "existing" if check.get("need_new") != check["need"] else None,
        "parking_per_household": "households" if check["verdict"] == UNKNOWN and not check["missing"] else None,
        "service_floor": "households" if check["verdict"] == UNKNOWN and not check["missing"] else None,
        "walk": _walk_case(check),
        "recorded": "amount" if check["short_by"] is not None else None,
        "managed": "none" if check["verdict"] == UNKNOWN and not check["missing"] else None,
    }.get(check["measure"])
    if check["measure"] == "presence" and check["verdict"] == PASS and not check["have"]:
        special = "instead"
    return f"{base}.{special}" if special and f"{base}.{special}" in catalogue("zh") else base


def _of_people(check: Mapping[str, Any]) -> str:
    """Return the ending of a text that tells how many people are not known about, none where they are not told."""
    return ".people" if check.get("people_unknown") else ""


def _walk_case(check: Mapping[str, Any]) -> str | None:
    """Return which text tells of walks: of buildings where people are not told, of nobody at all, of certain ages."""
    if check.get("is_empty"):
        return "none"
    if check["verdict"] == UNKNOWN:
        return _of_people(check).removeprefix(".") or None
    if check["verdict"] != SHORT:
        return None
    if check.get("people_share") is None or not check["people"]:
        return "buildings"
    return "concerned" if check.get("bands") else None


def _size_case(check: Mapping[str, Any]) -> str | None:
    """Return which text tells of a size that is not reached: of nothing at all, of a single place, of parts."""
    if check["verdict"] not in (SHORT, NOT_SURVEYED):
        return None
    if not check["largest"]:
        return "none"
    return "one" if check["largest"] == check["have"] else None


def _sentence(checks: Sequence[Mapping[str, Any]], lang: Lang, remark: Mapping[str, Any] | None = None) -> str:
    parts = [check_said(check, lang) for check in checks]
    said = reduce(lambda one, other: text("checklist.between", lang, one=one, other=other), parts)
    if any(check["to_verify"] for check in checks):
        said = text("checklist.to_verify", lang, said=said)
    if remark is not None:
        facts = {key: remark[key] for key in ("found_on", "found_by")}
        said = text("checklist.remark", lang, said=said, basis=_bare(remark["basis"]), **facts)
    return text("checklist.end", lang, said=said)


def _bare(words: str) -> str:
    """Return words of people without the stop at their end: the sentence has its own."""
    return words.rstrip(" 。．.；;")


def _what(check: Mapping[str, Any], lang: Lang) -> str:
    if check.get("label"):
        return str(check["label"][lang])
    labels = [categories()[code].label[lang] for code in check.get("categories", ())]
    return ("、" if lang == "zh" else " or ").join(labels)


def _limit(check: Mapping[str, Any], lang: Lang) -> str:
    return limit_said(check["limit"], lang) if check.get("limit") else ""


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "—" if value is None else value
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0")
