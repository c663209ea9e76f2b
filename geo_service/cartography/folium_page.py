"""A stand-alone HTML map made with Folium: one file that opens with the network cable out.

Folium links ten files from foreign servers. :class:`OfflineFigure` replaces each by name with the file's content
or drops it, and refuses a link it does not know, so that a new version of Folium cannot bring an address in.
"""

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from jinja2 import Template

from geo_service.foundation.errors import StoreFault

_PAGES: Final = Path(__file__).resolve().parent / "pages"
_LEAFLET: Final = Path(__file__).resolve().parents[1] / "_web" / "vendor" / "leaflet"
_INLINED: Final = {"leaflet": "leaflet.js", "leaflet_css": "leaflet.css"}
_DROPPED: Final = frozenset(
    {
        "jquery", "bootstrap", "awesome_markers", "bootstrap_css", "glyphicons_css", "awesome_markers_font_css",
        "awesome_markers_css", "awesome_rotate_css",
    }
)  # fmt: skip
_FOREIGN: Final = re.compile(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""", re.I)


class OfflineFigure(Figure):
    """A Folium figure that links to nothing outside the file."""

    def render(self, **kwargs: Any) -> str:
        """Return the page; ValueError for a link that is not known."""
        for child in self._children.values():
            child.render(**kwargs)
        header = self.header._children
        for name, child in list(header.items()):
            if not isinstance(child, JavascriptLink | CssLink):
                continue
            if name in _INLINED:
                header[name] = Element(_inlined(_INLINED[name]))
            elif name in _DROPPED:
                del header[name]
            else:
                raise ValueError(f"unknown link in the page: {name}")
        page = str(self._template.render(this=self, kwargs=kwargs))
        foreign = _FOREIGN.search(_without_scripts(page))
        if foreign:
            raise ValueError(f"the page points outside: {page[foreign.start() : foreign.start() + 80]}")
        return page


class _CoverageLayer(MacroElement):
    """Panel, legend and layers of the coverage map; drawn by ``pages/coverage.js``."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>{{ this.css }}</style>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        {{ this.js }}
        coverageMap({{ this._parent.get_name() }}, {{ this.data }});
        {% endmacro %}
        """
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CoverageLayer"
        self.css = (_PAGES / "coverage.css").read_text(encoding="utf-8")
        self.js = (_PAGES / "coverage.js").read_text(encoding="utf-8")
        self.data = _json_in_script(data)


def coverage_page(data: Mapping[str, Any]) -> str:
    """Return the page for ``data`` as :func:`geo_service.services.reports.map_report` gathers it.

    Raises StoreFault ``report_assets_missing`` if the built map library does not lie in the package.
    """
    west, south, east, north = data["bounds"]
    figure = OfflineFigure(title=str(data["texts"]["title"]))
    page = folium.Map(
        location=((south + north) / 2, (west + east) / 2),
        tiles=None,
        max_zoom=19,
        min_zoom=3,
        zoom_start=14,
        prefer_canvas=False,  # patterns need SVG
    )
    figure.add_child(page)
    page.add_child(_CoverageLayer(data))
    rendered = figure.render()
    return rendered.replace("<html>", f'<html lang="{data["lang"]}">', 1)


def _inlined(name: str) -> str:
    """Return the element that holds a file of the map library, its pictures inside."""
    try:
        content = (_LEAFLET / name).read_text(encoding="utf-8")
    except OSError as error:
        raise StoreFault("report_assets_missing", folder=str(_LEAFLET)) from error
    if name.endswith(".js"):
        content = re.sub(r"^//# sourceMappingURL=.*$", "", content, flags=re.M)
        return "<script>" + content.replace("</script", "<\\/script") + "</script>"

    def picture(found: re.Match[str]) -> str:
        file = _LEAFLET / found.group(1).strip("\"'")
        if not file.is_file():
            return "none"
        return "url(data:image/png;base64," + base64.b64encode(file.read_bytes()).decode() + ")"

    content = re.sub(r"url\((?!#|data:)([^)]+)\)", picture, content)
    return f"<style>{content}</style>"


def _json_in_script(data: Mapping[str, Any]) -> str:
    """Return JSON that can stand inside a script element whatever texts it holds."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _without_scripts(page: str) -> str:
    """Return the page's own markup: texts inside scripts load nothing."""
    return re.sub(r"<script[^>]*>.*?</script>", "", page, flags=re.S | re.I)
