"""The texts are whole: both languages, the same placeholders, a sentence for every code raised anywhere."""

import ast
import json
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from geo_service.domain.bands import BANDS
from geo_service.domain.fields import COMMON_COLUMNS
from geo_service.domain.layers import LAYERS
from geo_service.foundation import errors
from geo_service.foundation.texts import LANGS, catalogue
from geo_service.storage.audit import OLD_HISTORY
from geo_service.storage.tables import HISTORY

PACKAGE = Path(errors.__file__).parents[1]
SOURCES = sorted(PACKAGE.rglob("*.py"))
ERROR_CLASSES = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.GeoServiceError)
}
# Labels of these choices are those of the facility categories (data/reference/categories.json).
# and those of the checklist's items: checklist.item.<code>
CATEGORY_FIELDS = {
    ("facilities", "category"),
    ("inventory_statements", "category"),
    ("verify_tasks", "category"),
    ("checklist_findings", "item"),
}


# words that go by a number and are no nouns; numbers and texts that are never about one thing
NO_NOUNS = {"are", "were", "have", "these", "lie", "change", "decide"}
NEVER_ONE = set("most maximum least fewest shortest longest minutes megabytes deepest limit days".split())
EXCEEDED = {"most", "maximum", "longest"}  # where one of these is said, there are more than so many
NEVER_ONE |= {"board.whole.place", "board.whole.label", "board.file.few", "map.legend.cell_people"}
NEVER_ONE |= {"note.capacity_needed", "note.capacity_needed_to_verify"}


def placeholders(sentence: str) -> set[str]:
    """Return the facts a sentence says; a word that only goes by one (``{count|row|rows}``) says none."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None and "|" not in name}


def literals(node: ast.AST | None) -> Iterator[str]:
    """Yield the string(s) an expression can only be: a literal, or either branch of a choice between literals."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if called in names:
                yield node


def raised() -> Iterator[tuple[str, set[str] | None, str]]:
    """Yield code, fact names (None where they are not spelled out) and place of every error raised."""
    for path in SOURCES:
        for call in calls(ast.parse(path.read_text(encoding="utf-8")), ERROR_CLASSES):
            place = f"{path.relative_to(PACKAGE)}:{call.lineno}"
            spelled = all(keyword.arg for keyword in call.keywords)
            facts = {keyword.arg for keyword in call.keywords if keyword.arg}
            for code in literals(call.args[0] if call.args else None):
                yield code, facts if spelled else None, place


def used_keys() -> Iterator[tuple[str, str]]:
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        if "geo_service.foundation.texts import" not in source:
            continue  # another function called text
        for call in calls(ast.parse(source), {"text"}):
            for key in literals(call.args[0] if call.args else None):
                yield key, f"{path.relative_to(PACKAGE)}:{call.lineno}"


def test_both_languages_have_the_same_parts_and_keys():
    parts = {
        lang: {p.name: set(json.loads(p.read_text())) for p in (PACKAGE / "locales" / lang).glob("*.json")}
        for lang in LANGS
    }
    for name in parts["zh"].keys() | parts["en"].keys():
        assert parts["zh"].get(name, set()) ^ parts["en"].get(name, set()) == set(), name


def test_both_languages_have_the_same_placeholders():
    zh, en = catalogue("zh"), catalogue("en")
    different = {key for key in zh.keys() & en.keys() if placeholders(zh[key]) != placeholders(en[key])}
    assert different == set()


def test_words_go_by_their_number():
    """No "1 rows": a noun that has a form for one anywhere has it behind every number that may be one."""
    form = re.compile(r"\{\w+\|([^|{}]*)\|([^|{}]*)\}")
    said = catalogue("en")
    by = {key: set(re.findall(r"\{(\w+)\|", sentence)) for key, sentence in said.items()}
    assert {key for key, names in by.items() if names - placeholders(said[key]) - {"count"}} == set(), "of nothing said"
    assert {key for key, sentence in said.items() if "|" in form.sub("", sentence)} == set(), "wrongly written"
    forms = [found.groups() for sentence in said.values() for found in form.finditer(sentence)]
    nouns = {word for one, many in forms for word in many.split() if word not in one.split() and word[-1] in "se"}
    nouns -= NO_NOUNS
    behind = re.compile(
        rf"\{{(\w+)\}}[ \u00a0](?:(?!(?:of|in|all|outside|has) )[a-z-]+ ){{0,2}}?({'|'.join(sorted(nouns))})\b"
    )
    found = {
        key: one[0]
        for key, sentence in said.items()
        for one in behind.finditer(sentence)
        if one[1] not in NEVER_ONE and key not in NEVER_ONE and not placeholders(sentence) & EXCEEDED
    }
    assert found == {}


@pytest.mark.parametrize("lang", LANGS)
def test_texts_are_clean(lang):
    assert {key for key, value in catalogue(lang).items() if not value.strip() or value != value.strip()} == set()


def test_chinese_texts_are_chinese_and_english_ones_are_not():
    han = {key: any("一" <= char <= "鿿" for char in value) for key, value in catalogue("zh").items()}
    assert {
        key for key, value in catalogue("en").items() if sum("一" <= c <= "鿿" for c in value) > len(value) / 3
    } == set()
    assert sum(han.values()) > 0.95 * len(han)


def test_every_error_raised_has_its_sentence():
    missing = {f"error.{code} ({place})" for code, _, place in raised() if f"error.{code}" not in catalogue("zh")}
    assert missing == set()


def test_every_error_gives_the_facts_its_sentence_speaks_of():
    lacking = {
        f"{place}: {code} lacks {sorted(placeholders(catalogue('zh')[f'error.{code}']) - facts)}"
        for code, facts, place in raised()
        if facts is not None and placeholders(catalogue("zh").get(f"error.{code}", "")) - facts
    }
    assert lacking == set()


def test_every_text_asked_for_exists():
    assert {f"{key} ({place})" for key, place in used_keys() if key not in catalogue("zh")} == set()


def test_every_layer_field_and_choice_has_a_label():
    wanted = {f"field.{name}" for name in COMMON_COLUMNS if name not in ("geom", "area_id", "grid_id")}
    wanted |= {"field.geometry", "field.area_code", "field.grid_code"}
    for layer in LAYERS.values():
        wanted |= {f"layer.{layer.name}", f"layer.{layer.name}.one"}
        for field in layer.fields:
            wanted.add(f"field.{field.key}")
            if (layer.name, field.name) not in CATEGORY_FIELDS:
                wanted |= {f"choice.{layer.name}.{field.name}.{choice}" for choice in field.choices}
    assert wanted - catalogue("zh").keys() == set()


def test_every_band_state_and_reason_has_a_label():
    wanted = {f"band.{band}" for band in ("all", *BANDS)}
    wanted |= {f"state.{state}" for state in ("covered", "not_covered", "unknown")}
    wanted |= {f"reason.{reason}" for reason in ("not_snapped", "facility_unverified", "facility_not_snapped", "edge")}
    assert wanted - catalogue("zh").keys() == set()


def test_no_label_of_a_choice_that_is_gone():
    there = {
        f"choice.{layer.name}.{field.name}.{choice}"
        for layer in LAYERS.values()
        for field in layer.fields
        for choice in field.choices
    }
    assert {key for key in catalogue("zh") if key.startswith("choice.")} - there == set()


@cache
def functions() -> list[tuple[ast.Module, ast.FunctionDef]]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES]
    return [(tree, node) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def written(node: ast.AST | None, tree: ast.Module, function: ast.FunctionDef) -> Iterator[str]:
    """Yield what an argument can be: a literal, a constant, what a local name or the function's own callers give."""
    if not isinstance(node, ast.Name):
        found = list(literals(node))
        assert found, f"{function.name}: {ast.dump(node) if node else None}"
        yield from found
        return
    given = [
        one.value
        for one in (*tree.body, *ast.walk(function))
        if isinstance(one, ast.Assign | ast.AnnAssign)
        and node.id in {getattr(t, "id", None) for t in (one.targets if isinstance(one, ast.Assign) else [one.target])}
    ]
    if given:
        for value in given:
            yield from written(value, tree, function)
        return
    names = [arg.arg for arg in function.args.args]
    place, late = names.index(node.id), len(names) - len(function.args.defaults)
    if place >= late:
        yield from written(function.args.defaults[place - late], tree, function)
    for other, caller in functions():
        for call in calls(caller, {function.name}):
            value = next((k.value for k in call.keywords if k.arg == node.id), None)
            if value is not None or len(call.args) > place:
                yield from written(value or call.args[place], other, caller)


def audit_verbs() -> set[str]:
    """Return every verb the audit is written with: of stories, of changes of rows, of its own beginning."""
    actions = next(str(one.sqltext) for one in HISTORY.constraints if str(one.name).endswith("action_choice"))
    found = {OLD_HISTORY, *re.findall(r"'(\w+)'", actions)}
    for tree, function in functions():
        for call in calls(function, {"append"}):
            if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", None) == "audit":
                found |= set(written(call.args[3], tree, function))
    return found


def test_every_verb_of_the_audit_has_its_name_on_the_desk():
    verbs = audit_verbs()
    assert len(verbs) > 40
    assert {"signed_in", "run_made", "refused", "audit_line_read", "person_erased_again", "created"} <= verbs
    for lang in LANGS:
        assert {verb for verb in verbs if f"desk.verb.{verb}" not in catalogue(lang)} == set()
