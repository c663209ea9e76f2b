"""Explanations of a home and of an area figure in sentences of both languages, in the order of reasoning."""

from typing import Any

from geo_service.domain.reference import category_named, profile_label
from geo_service.services.explain_cures import cure_words
from geo_service.services.limit_rules import labels, rule_sentences, sentence


def home_words(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sentences of what :func:`geo_service.services.explain.explain` found, in the order of reasoning.

    Each has its ``key``, ``facts``, ``zh`` and ``en``.
    """
    category = dict(category_named(found["category"]).label)
    building = found["building"]
    home = building["name"] or building["address"] or building["code"]
    limit = found["limit"]["metres"]
    said = []
    profile = dict(profile_label(found["profile"]))
    if found["band"] is not None:
        said.append(sentence("explain.band", band=labels(f"band.{found['band']}"), profile=profile))
    elif found["by_age"]:
        said.append(sentence("explain.by_age_standard", profile=profile))
    if found["snap"] is None:
        said.append(sentence("explain.not_snapped", home=home))
    else:
        said.append(sentence("explain.snap", home=home, leg_m=found["snap"]["leg_m"]))
    facility = found["facility"]
    if facility is not None and found["metres"] is not None:
        key = "explain.nearest" if facility["verified"] else "explain.nearest_unverified"
        name = facility["name"] or facility["code"]
        minutes = found["seconds"] / 60
        said.append(
            sentence(key, category=category, facility=name, metres=found["metres"], minutes=minutes, profile=profile)
        )
    elif found["snap"] is not None:
        said.append(sentence("explain.unreachable", category=category))
    state = found["state"] if found["reason"] is None else f"unknown_{found['reason']}"
    said.append(sentence(f"explain.{state}", limit=limit, category=category))
    said += cure_words(found, found["category"], limit)
    closed = found.get("if_closed")
    if closed is not None:
        state = labels(f"state.{closed['state']}")
        if closed["metres"] is None:
            said.append(sentence("explain.if_closed_unreachable", category=category, state=state))
        else:
            said.append(sentence("explain.if_closed", metres=closed["metres"], state=state))
        said += cure_words(closed, found["category"], limit)
    return [*said, *rule_sentences(found["rule"])]


def figure_words(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sentences of what :func:`geo_service.services.explain_run.explain_figure` found, as above."""
    row, limit = figure["row"], figure["limit"]["metres"]
    area = row["name"] or row["code"] or labels("explain.everywhere")
    category = dict(category_named(row["category"]).label)
    states = ("total", "covered", "not_covered", "unknown")
    said = []
    if figure["people_basis"] != "no_data":
        people = {one: _told(row[f"people_{one}"]) for one in states}
        basis = labels(f"people_basis.{figure['people_basis']}")
        said.append(sentence("explain.figure_people", area=area, category=category, limit=limit, basis=basis, **people))
    said.append(sentence("explain.figure_buildings", **{one: row[f"buildings_{one}"] for one in states}))
    for reason, count in figure["reasons"].items():
        said.append(sentence("explain.figure_reason", count=count, reason=labels(f"explain.reason.{reason}")))
    facilities = figure["facilities"]
    if facilities:
        first = facilities[0]
        name = first["name"] or first["code"]
        more = {"facility": name, "buildings": first["buildings_covered"], "count": len(facilities)}
        said.append(sentence("explain.figure_facilities", **more))
    elif facilities is not None:
        said.append(sentence("explain.figure_nobody"))
    notes = {"figure_changed": "has_changed", "figure_by_age": "is_by_age", "figure_rounded": "people_rounded_to"}
    said += [sentence(f"explain.{key}") for key, fact in notes.items() if figure[fact]]
    return [*said, *rule_sentences(figure["rule"])]


def _told(people: float | None) -> Any:
    return labels("explain.withheld") if people is None else people
