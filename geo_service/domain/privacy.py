"""The last gate: which fields of a row leave the server, and in what form (PRODUCT §8).

Names and phones are masked for everybody; revealing one, with a reason that is kept, comes with accounts.
Whole-row personal layers (households, photos) are for admins only until rights by area exist.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from geo_service.domain.actors import Actor
from geo_service.domain.fields import Layer
from geo_service.foundation.errors import Forbidden

_SEPARATORS: Final = re.compile(r"([、,，;；/\s]+)")


def mask_name(name: str) -> str:
    """Return a person's name with all but its first character hidden: 张三丰 → 张**; of a list, each name."""
    return "".join(
        part if _SEPARATORS.fullmatch(part) else part[:1] + "*" * min(2, max(1, len(part) - 1))
        for part in _SEPARATORS.split(name)
        if part
    )


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle hidden: 13812341234 → 138****1234; short ones wholly."""
    digits = re.sub(r"\D", "", phone)
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else "****"


def masked(key: str, value: Any) -> Any:
    """Return the form of a personal field's ``value`` that may be shown; empty stays empty."""
    if value is None or value == "":
        return value
    return mask_phone(str(value)) if "phone" in key else mask_name(str(value))


def may_see_rows(actor: Actor, layer: Layer) -> None:
    """Raise Forbidden ``layer_personal`` unless ``actor`` may see single rows of ``layer``."""
    if layer.personal and actor.role != "admin":
        raise Forbidden("layer_personal", layer=layer.name)


def seen_by(actor: Actor, layer: Layer, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``row`` as ``actor`` may see it: personal fields masked, raw bytes left out."""
    may_see_rows(actor, layer)
    shown = dict(row)
    for field in layer.fields:
        if field.kind == "bytes":
            shown.pop(field.key, None)
        elif field.personal and field.key in shown:
            shown[field.key] = masked(field.key, shown[field.key])
    return shown


def without_masks(layer: Layer, stored: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``changes`` without personal fields that only send back the mask of what is stored.

    A form that was filled from a masked answer must not overwrite a name by its mask.
    """
    personal = {field.key for field in layer.fields if field.personal}
    return {
        key: value
        for key, value in changes.items()
        if key not in personal or value is None or value != masked(key, stored.get(key))
    }
