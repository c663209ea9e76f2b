"""Walking profiles, living circles, terms of categories and findings as the office set them, checked when read.

``profiles.json``, ``circles.json``, ``categories.json`` and ``checklist.json`` under ``reference/`` of the data folder
have entries like those of the shipped files of the same name: an entry replaces what it names of the shipped one,
everything else stays as shipped. All raise FileFault, which names the file, the entry and the value:
``reference_not_json``, ``reference_form``, ``reference_field_unknown`` and those said with each function.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast

from geo_service.domain.bands import BANDS
from geo_service.foundation.errors import FileFault
from geo_service.foundation.ids import fingerprint
from geo_service.foundation.resources import data_folder, from_files, office, office_file, reference
from geo_service.foundation.texts import LANGS

NAMES: Final = ("profiles", "circles", "categories", "checklist")
_BESIDE: Final = ("version", "note", "source")  # what may stand beside entries and is not read
_FASTEST_KM_H: Final = 20.0
_FARTHEST_M: Final = 10_000.0
_LONGEST_TERM: Final = 36_500
_CODE_LENGTH: Final = 40


@from_files
def office_versions() -> Mapping[str, str]:
    """Return a fingerprint of each of the office's own files by name, nothing where all is as shipped."""
    return {name: fingerprint(found)[:12] for name in NAMES if (found := office(name)) is not None}


def profiles_document() -> dict[str, Any]:
    """Return the profiles by code, and ``by_age``: label, and bands with their profile.

    FileFault ``reference_profile_incomplete``, ``reference_speed``, ``reference_band``,
    ``reference_profile_unknown``.
    """
    file = _File("profiles")
    document = file.shipped()
    entries = file.entries("profiles", "code", ("label", "speed_km_h", "step_free"))
    for code, entry in entries.items():
        if not _is_code(code):
            raise file.fault("reference_form", code)
        missing = [field for field in ("label", "speed_km_h", "step_free") if field not in entry]
        if missing:
            raise file.fault("reference_profile_incomplete", code, fields=", ".join(missing))
        if not _is_number(entry["speed_km_h"], _FASTEST_KM_H):
            raise file.fault("reference_speed", code, value=_shown(entry["speed_km_h"]), most=f"{_FASTEST_KM_H:g}")
        if not isinstance(entry["step_free"], bool) or not _is_label(entry["label"]):
            raise file.fault("reference_form", code)
    own = file.own.get("by_age", {})
    bands = own.get("bands", {}) if isinstance(own, dict) else None
    if not isinstance(bands, dict):
        raise file.fault("reference_form", "by_age")
    file.known("by_age", own, ("bands", "note"))
    for band, code in bands.items():
        if band not in BANDS:
            raise file.fault("reference_band", "by_age", value=_shown(band), known=", ".join(BANDS))
        if not isinstance(code, str) or code not in entries:
            known = ", ".join(entries)
            raise file.fault("reference_profile_unknown", f"by_age {band}", value=_shown(code), known=known)
    shipped = document["by_age"]
    return {"profiles": entries, "by_age": {**shipped, "bands": {**shipped["bands"], **bands}}}


def circles_document() -> dict[int, dict[str, Any]]:
    """Return the living circles by minutes, ascending, each with ``distance_m`` and ``stricter_distance_m`` or None.

    Circles of other minutes there are none: the levels of the standards rest on these. FileFault
    ``reference_circle_unknown``, ``reference_circle``, ``reference_circle_order``.
    """
    file = _File("circles")
    known = [entry["minutes"] for entry in file.shipped()["circles"]]
    entries = file.entries("circles", "minutes", ("distance_m", "stricter_distance_m"))
    before = 0.0
    for minutes, entry in entries.items():  # the shipped ones first, ascending
        if minutes not in known:
            listed = ", ".join(map(str, known))
            raise file.fault("reference_circle_unknown", str(minutes), value=_shown(minutes), known=listed)
        for field in ("distance_m", "stricter_distance_m"):
            value = entry.setdefault(field, None)
            if not (_is_number(value, _FARTHEST_M) or (value is None and field != "distance_m")):
                raise file.fault("reference_circle", str(minutes), field=field, value=_shown(value))
        stricter = entry["stricter_distance_m"]
        if entry["distance_m"] <= before or (stricter is not None and not before < stricter < entry["distance_m"]):
            raise file.fault("reference_circle_order", str(minutes), value=_shown(entry["distance_m"]))
        before = entry["distance_m"]
    return cast(dict[int, dict[str, Any]], entries)


def categories_document(minutes: Collection[int]) -> dict[str, dict[str, Any]]:
    """Return the categories by code; the office sets terms of verification and default circles (of ``minutes``).

    FileFault ``reference_category_unknown``, ``reference_term``, ``reference_default_circle``.
    """
    file = _File("categories")
    known = {entry["code"] for entry in file.shipped()["categories"]}
    entries = file.entries("categories", "code", ("verification_term_days", "default_circle"))
    for code, entry in entries.items():
        if code not in known:
            raise file.fault("reference_category_unknown", code, value=_shown(code))
        term, circle = entry["verification_term_days"], entry["default_circle"]
        if not _is_term(term):
            raise file.term_fault(code, "verification_term_days", term)
        if isinstance(circle, bool) or circle not in minutes:
            listed = ", ".join(map(str, minutes))
            raise file.fault("reference_default_circle", code, value=_shown(circle), known=listed)
    return cast(dict[str, dict[str, Any]], entries)


def checklist_document() -> dict[str, Any]:
    """Return what is set of the checklist: ``finding_term_days``; FileFault ``reference_term``."""
    file = _File("checklist")
    file.known("checklist", file.own, ("finding_term_days",))
    term = file.own.get("finding_term_days", file.shipped()["finding_term_days"])
    if not _is_term(term):
        raise file.term_fault("checklist", "finding_term_days", term)
    return {"finding_term_days": int(term)}


class _File:
    """A shipped file with the office's own of the same name over it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.own: Mapping[str, Any] = office(name) or {}
        self._changed: set[object] = set()

    def shipped(self) -> dict[str, Any]:
        return cast(dict[str, Any], reference(self.name))

    def entries(self, key: str, named_by: str, fields: Sequence[str]) -> dict[Any, dict[str, Any]]:
        """Return the entries by what names them: the shipped ones, changed and added to by the office's."""
        found = {entry[named_by]: dict(entry) for entry in self.shipped()[key]}
        self.known(self.name, self.own, (key, "by_age") if self.name == "profiles" else (key,))
        listed = self.own.get(key, [])
        if not isinstance(listed, list):
            raise self.fault("reference_form", key)
        for number, entry in enumerate(listed, start=1):
            ident = entry.get(named_by) if isinstance(entry, dict) else None
            if isinstance(ident, bool) or not isinstance(ident, str | int) or ident in self._changed:
                raise self.fault("reference_form", f"{key} {number}")
            self._changed.add(ident)
            self.known(str(ident), entry, (named_by, *fields))
            found[ident] = {**found.get(ident, {}), **entry}
        return found

    def known(self, entry: str, values: Mapping[str, Any], fields: Sequence[str]) -> None:
        """Refuse fields there are not: one mistyped must not leave the shipped value in force unnoticed."""
        for field in values:
            if field not in fields and field not in _BESIDE:
                raise self.fault("reference_field_unknown", entry, field=_shown(field), known=", ".join(fields))

    def fault(self, code: str, entry: str, **facts: object) -> FileFault:
        """Return an error that names the file and the entry."""
        file = office_file(self.name) or data_folder() / "reference" / f"{self.name}.json"
        return FileFault(code, file=str(file), entry=entry[:80], **facts)

    def term_fault(self, entry: str, field: str, value: object) -> FileFault:
        """Return an error about a number of days."""
        return self.fault("reference_term", entry, field=field, value=_shown(value), most=_LONGEST_TERM)


def _is_number(value: Any, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= most  # NaN is not


def _is_term(value: Any) -> bool:
    return _is_number(value, _LONGEST_TERM) and value == int(value)


def _is_label(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(lang), str) and value[lang].strip() for lang in LANGS)


def _is_code(value: Any) -> bool:
    is_word = isinstance(value, str) and value.isascii() and value.replace("_", "").replace("-", "").isalnum()
    return is_word and len(value) <= _CODE_LENGTH and value != "by_age"


def _shown(value: object) -> str:
    return str(value)[:40]
