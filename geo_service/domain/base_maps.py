"""Base maps from outside that an office names: Tianditu, XYZ and WMTS services, checked when the service starts.

None is shipped: without such a list the map is drawn from the store alone and no outside address is asked. All raise
InvalidInput, which names the entry: ``base_maps_form``, ``base_map_field``, ``base_map_url``, ``base_map_datum``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import LANGS

KINDS: Final = ("xyz", "wmts", "tianditu")
# on tiles of 256 pixels WGS 84 and CGCS2000 are the same; Baidu's BD-09 comes in tiles of another division
DATUMS: Final = ("wgs84", "cgcs2000", "gcj02")
PICTURES: Final[Mapping[str, tuple[str, ...]]] = {
    "vec": ("vec", "cva"),
    "img": ("img", "cia"),
    "ter": ("ter", "cta"),
}
MOST: Final = 10
_DEEPEST: Final = 22
_DEFAULT_DEEPEST: Final = 18
_LONGEST: Final = 200
_LONGEST_URL: Final = 1000
_SHARED: Final = ("code", "name", "kind", "attribution", "approval", "max_zoom")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "xyz": ("url", "subdomains", "datum"),
    "wmts": ("url", "subdomains", "datum", "layer", "style", "tile_matrix_set", "format"),
    "tianditu": ("key", "picture"),
}
_TIANDITU_HOSTS: Final = tuple("01234567")
_CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_KEY: Final = re.compile(r"[A-Za-z0-9]{8,64}")
_SUBDOMAIN: Final = re.compile(r"[A-Za-z0-9-]{1,20}")
_WORD: Final = re.compile(r"[\w.:/+-]{1,100}")
# what may stand in a policy of a page: nothing that could end the source or the directive
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_HOLES: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class BaseMap:
    """A base map as a browser asks for it.

    Attributes
    ----------
    code
        Names it in addresses.
    name
        What people read, by language.
    urls
        Templates of tile addresses with ``{z} {x} {y}`` and perhaps ``{s}``, the lowest picture first.
    subdomains
        What stands for ``{s}``.
    datum
        ``wgs84``, ``cgcs2000`` (the same on tiles) or ``gcj02``, which the browser shifts under our data.
    attribution, approval
        Whose map it is and its approval (审图号); the approval is empty where none is recorded.
    max_zoom
        The deepest tiles there are.
    """

    code: str
    name: Mapping[str, str]
    urls: tuple[str, ...]
    subdomains: tuple[str, ...]
    datum: str
    attribution: str
    approval: str
    max_zoom: int

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins its tiles come from, as they stand in a page's policy."""
        found = (_origin(url.replace("{s}", one)) for url in self.urls for one in (self.subdomains or ("",)))
        return tuple(dict.fromkeys(found))


def base_maps_from(document: Any) -> tuple[BaseMap, ...]:
    """Return the base maps of a list of entries as in a settings file, in their order."""
    if not isinstance(document, list) or len(document) > MOST:
        raise InvalidInput("base_maps_form", most=MOST)
    found: dict[str, BaseMap] = {}
    for number, entry in enumerate(document, start=1):
        made = _Entry(entry, number).base_map()
        if made.code in found:
            raise InvalidInput("base_map_field", entry=made.code, field="code")
        found[made.code] = made
    return tuple(found.values())


def origins_of(base_maps: Sequence[BaseMap]) -> tuple[str, ...]:
    """Return every origin that tiles of these base maps come from, each once."""
    return tuple(dict.fromkeys(origin for one in base_maps for origin in one.origins))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


class _Entry:
    """One entry while it is read."""

    def __init__(self, values: Any, number: int) -> None:
        self._values: Mapping[str, Any] = values if isinstance(values, dict) else {}
        code = self._values.get("code")
        self._name = code[:40] if isinstance(code, str) and code else str(number)
        if not isinstance(values, dict):
            raise self._wrong("code")

    def base_map(self) -> BaseMap:
        kind = self._text("kind")
        if kind not in KINDS:
            raise self._wrong("kind")
        for field in self._values:
            if field not in (*_SHARED, *_FIELDS[kind]):
                raise self._wrong(str(field)[:40])
        urls, subdomains, datum = self._tianditu() if kind == "tianditu" else self._service(kind)
        return BaseMap(
            code=self._matching("code", _CODE),
            name=self._names(),
            urls=urls,
            subdomains=subdomains,
            datum=datum,
            attribution=self._text("attribution", "天地图 Tianditu" if kind == "tianditu" else None),
            approval=self._text("approval", "", may_be_empty=True),
            max_zoom=self._deepest(),
        )

    def _tianditu(self) -> tuple[tuple[str, ...], tuple[str, ...], str]:
        """Return what Tianditu is asked: its ``w`` layers in web Mercator, the picture and its names."""
        key = self._matching("key", _KEY)
        picture = self._text("picture", "vec")
        if picture not in PICTURES:
            raise self._wrong("picture")
        urls = tuple(
            _wmts_url(f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts", layer, "default", "w", "tiles") + f"&tk={key}"
            for layer in PICTURES[picture]
        )
        return urls, _TIANDITU_HOSTS, "cgcs2000"

    def _service(self, kind: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
        datum = self._text("datum")
        if datum not in DATUMS:
            raise InvalidInput("base_map_datum", entry=self._name, datum=datum[:40], known=", ".join(DATUMS))
        listed = self._values.get("subdomains", [])
        if not isinstance(listed, list) or not all(
            isinstance(one, str) and _SUBDOMAIN.fullmatch(one) for one in listed
        ):
            raise self._wrong("subdomains")
        url = self._text("url", longest=_LONGEST_URL)
        if kind == "wmts":
            if _HOLES.sub("", url) != url.replace("{s}", ""):
                raise self._wrong_url(url)
            asked = (
                self._matching("layer", _WORD),
                self._matching("style", _WORD, "default"),
                self._matching("tile_matrix_set", _WORD),
                self._matching("format", _WORD, "image/png"),
            )
            url = _wmts_url(url, *asked)
        self._check_url(url, listed)
        return (url,), tuple(listed), datum

    def _check_url(self, url: str, subdomains: Sequence[str]) -> None:
        holes = _HOLES.findall(url)
        wanted = {"z", "x", "y"} | ({"s"} if subdomains else set())
        try:
            hosts = {_origin(url.replace("{s}", one)) for one in (subdomains or ("",))}
        except ValueError:
            raise self._wrong_url(url) from None
        is_plain = not any(one.isspace() or ord(one) < 32 for one in url)
        if set(holes) != wanted or not is_plain or not all(_ORIGIN.fullmatch(one) for one in hosts):
            raise self._wrong_url(url)

    def _names(self) -> Mapping[str, str]:
        name = self._values.get("name")
        if not isinstance(name, dict) or set(name) != set(LANGS):
            raise self._wrong("name")
        if not all(isinstance(one, str) and 0 < len(one.strip()) <= _LONGEST for one in name.values()):
            raise self._wrong("name")
        return {lang: name[lang].strip() for lang in LANGS}

    def _deepest(self) -> int:
        value = self._values.get("max_zoom", _DEFAULT_DEEPEST)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _DEEPEST:
            raise self._wrong("max_zoom")
        return value

    def _matching(self, field: str, form: re.Pattern[str], default: str | None = None) -> str:
        value = self._text(field, default)
        if not form.fullmatch(value):
            raise self._wrong(field)
        return value

    def _text(
        self, field: str, default: str | None = None, *, longest: int = _LONGEST, may_be_empty: bool = False
    ) -> str:
        value = self._values.get(field, default)
        if not isinstance(value, str) or len(value) > longest or not (may_be_empty or value.strip()):
            raise self._wrong(field)
        return value.strip()

    def _wrong(self, field: str) -> InvalidInput:
        return InvalidInput("base_map_field", entry=self._name, field=field)

    def _wrong_url(self, url: str) -> InvalidInput:
        return InvalidInput("base_map_url", entry=self._name, url=url[:_LONGEST])


def _wmts_url(service: str, layer: str, style: str, tile_matrix_set: str, picture_format: str) -> str:
    """Return the template of a WMTS 1.0.0 request for tiles by key and value."""
    asked = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": layer,
        "STYLE": style,
        "TILEMATRIXSET": tile_matrix_set,
        "FORMAT": picture_format,
    }
    between = "&" if "?" in service else "?"
    return f"{service}{between}{urlencode(asked)}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}"
