"""JSON texts of large values: parts that are JSON already are put in as they stand."""

import json
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any


class Written(ABC):
    """A part of a value that writes its own JSON."""

    @abstractmethod
    def json_text(self, *, sort_keys: bool) -> str:
        """Return the part as compact JSON, keys of its objects sorted or in their order."""


@dataclass(frozen=True)
class RawJson(Written):
    """A part that is JSON already, with sorted keys."""

    text: str

    def json_text(self, *, sort_keys: bool) -> str:
        """Return the text."""
        return self.text


def json_text(value: Any, *, sort_keys: bool = False) -> str:
    """Return compact JSON, not ASCII-escaped; NaN raises ValueError, what JSON does not know TypeError."""
    mark = secrets.token_hex(16)  # nothing in the value can be equal to it but by what stands for a part
    parts: list[str] = []

    def keep(part: Any) -> str:
        if not isinstance(part, Written):
            raise TypeError(f"no JSON for {type(part).__name__}")
        parts.append(part.json_text(sort_keys=sort_keys))
        return mark

    text = json.dumps(
        value, sort_keys=sort_keys, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=keep
    )
    if not parts:
        return text
    between = text.split(f'"{mark}"')
    return "".join(piece for pair in zip(between, [*parts, ""], strict=True) for piece in pair)
