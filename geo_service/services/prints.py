"""Sheets on paper: a map of an area, a community's check-up, a poster for the notice board; as PDF or PNG.

Sheets are for the office: their figures are those whoever prints may see. A poster is for everybody, and so are its.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from geo_service import __version__
from geo_service.cartography import paper
from geo_service.cartography.print_legend import legend_svg
from geo_service.cartography.print_map import map_svg
from geo_service.exchange.write import write_bytes
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import listed, text
from geo_service.services import print_analyses as analysed
from geo_service.services import print_figures as figures
from geo_service.services import print_ground as grounds
from geo_service.services import print_view as views
from geo_service.services.audit import note_export
from geo_service.services.context import Context
from geo_service.services.headlines import bands_first, label_of
from geo_service.services.notes import OF_SEVERAL
from geo_service.services.print_community import Results, community_values
from geo_service.services.print_legends import legend_of
from geo_service.services.print_poster import poster_values
from geo_service.services.reports import run_facts
from geo_service.services.rights import may
from geo_service.services.summary import attribution
from geo_service.storage import overview

KINDS: Final = ("map", "community", "poster")
FORMATS: Final[Mapping[str, str]] = {"pdf": "application/pdf", "png": "image/png"}
_MOST_NOTES: Final = 4
_LONGEST_TITLE: Final = 60
_SMALLER_PT: Final = (8.0, 7.4, 6.8, 6.2, 5.6, 5.0, 4.4)  # sizes of text tried until a sheet is one page


@dataclass(frozen=True)
class _Room:
    """Sizes of the parts of a map sheet."""

    map_width_mm: float
    map_height_mm: float
    columns: int
    legend_width_mm: float
    legend_height_mm: float


_ROOMS: Final = {
    ("A4", True): _Room(194.0, 206.0, 4, 138.0, 46.0),
    ("A4", False): _Room(206.0, 168.0, 2, 70.0, 118.0),
    ("A3", True): _Room(281.0, 322.0, 6, 205.0, 46.0),
    ("A3", False): _Room(320.0, 252.0, 2, 78.0, 150.0),
}


@dataclass(frozen=True)
class SheetQuestion:
    """What is to be printed; ``layers`` in any order, ``run`` and ``category`` only of a map.

    A map is of an ``area`` or of a ``view``, everything else of an area. On a view also lies what an ``analysis`` (a
    run of gap zones or sites) and service ``circles`` draw there.
    """

    kind: str
    area: str | None
    paper: str = "A4"
    upright: bool = True
    layers: tuple[str, ...] = grounds.DEFAULT
    run: str | None = None
    category: str | None = None
    title: str | None = None
    view: views.View | None = None
    analysis: str | None = None
    analysis_category: str | None = None
    circles: analysed.CirclesShown | None = None

    @classmethod
    def asked(
        cls,
        kind: str,
        area: str | None,
        *,
        paper_size: str = "A4",
        upright: bool = True,
        layers: Sequence[str] | None = None,
        run: str | None = None,
        category: str | None = None,
        title: str | None = None,
        view: views.View | None = None,
        analysis: str | None = None,
        analysis_category: str | None = None,
        circles: analysed.CirclesShown | None = None,
    ) -> "SheetQuestion":
        """Return the question, checked.

        Raises InvalidInput ``print_kind_unknown``, ``print_paper_unknown``, ``print_layer_unknown``,
        ``print_category_needs_run``, ``print_title_long``, ``print_area_or_view``, ``print_analysis_of_view``.
        """
        if kind not in KINDS:
            raise InvalidInput("print_kind_unknown", kind=kind[:40], known=", ".join(KINDS))
        if paper_size not in paper.PAPERS:
            raise InvalidInput("print_paper_unknown", paper=paper_size[:40], known=", ".join(paper.PAPERS))
        if (area is None) == (view is None) or (view is not None and kind != "map"):
            raise InvalidInput("print_area_or_view")
        if view is None and (analysis is not None or circles is not None):
            raise InvalidInput("print_analysis_of_view")
        if (run is None) != (category is None):
            raise InvalidInput("print_category_needs_run")
        if title is not None and len(title) > _LONGEST_TITLE:
            raise InvalidInput("print_title_long", most=_LONGEST_TITLE)
        shown = grounds.DEFAULT if layers is None else tuple(layers)
        if view is None:  # of a view, what cannot be drawn is said on the sheet
            shown = grounds.check_layers(shown)
        drawn = (analysis, analysis_category, circles)
        return cls(kind, area, paper_size, upright, shown, run, category, title, view, *drawn)


@dataclass(frozen=True)
class Sheet:
    """A sheet to be set: its title, and its page in smaller and smaller text, of which the first that fits is taken.

    Posters, which are read from afar, have less on them in place of text that is too small.
    """

    title: str
    pages: tuple[str, ...]


def printed(conn: Connection, ctx: Context, question: SheetQuestion, form: str = "pdf") -> bytes:
    """Return a sheet as a file of ``form`` (``pdf``, ``png``), one page.

    Raises as :func:`sheet_of`; InvalidInput ``print_format_unknown``; StoreFault ``print_no_pango``,
    ``print_no_font``.
    """
    may(ctx.actor, "report")
    check_form(form)
    return set_sheet(sheet_of(conn, ctx, question), form)


def handed_out(conn: Connection, ctx: Context, question: SheetQuestion, form: str = "pdf") -> bytes:
    """Return a sheet as :func:`printed`, with a line in the audit that it left the service."""
    made = printed(conn, ctx, question, form)
    note_export(
        ctx, Path(f"{question.area or 'view'}-{question.kind}.{form}"), f"print {question.kind}", run=question.run
    )
    return made


def check_form(form: str) -> None:
    """Refuse a format that is none; InvalidInput ``print_format_unknown``."""
    if form not in FORMATS:
        raise InvalidInput("print_format_unknown", format=form[:40], known=", ".join(FORMATS))


def set_sheet(sheet: Sheet, form: str) -> bytes:
    """Return a sheet as a file; needs no store, so that other processes can do it."""
    return paper.set_file(sheet.pages, sheet.title, form)


def sheet_of(conn: Connection, ctx: Context, question: SheetQuestion, results: Results | None = None) -> Sheet:
    """Return a sheet to be set; ``results`` are those of a check-up, the newest where none are given.

    Raises NotFound ``row_unknown``, ``run_unknown``; InvalidInput ``print_area_no_shape``, ``print_no_checklist``,
    ``print_no_coverage``, ``print_not_community``, ``print_poster_level``, ``print_category_not_in_run``,
    ``print_run_no_areas``, ``run_not_coverage``.
    """
    may(ctx.actor, "report")
    area = None if question.area is None else grounds.area_to_print(conn, ctx, question.area)
    if area is None or question.kind == "map":
        values = _map_values(conn, ctx, area, question)
    elif question.kind == "community":
        values = community_values(conn, ctx, area, results)
    else:
        values = poster_values(conn, ctx, area, question.paper)
    pairs = overview.sources(conn)
    synthetic = any("synthetic" in (source or "").lower() for source, _ in pairs)
    width, height = paper.PAPERS[question.paper]
    size = {"width_mm": width, "height_mm": height} if question.upright else {"width_mm": height, "height_mm": width}
    standing = text("print.approval", ctx.lang, approval=ctx.map_approval) if ctx.map_approval else ""
    around = {
        "lang": ctx.lang,
        "t": _Texts(ctx),
        "banner": text("report.banner", ctx.lang) if synthetic else "",
        "approval": standing or values.pop("without_approval", ""),
        "attribution": attribution(pairs),
        "version": f"geo-service {__version__}",
    }
    larger = 1.0 if question.paper == "A4" else 1.25
    template = {"map": "map_sheet.html", "community": "community_sheet.html", "poster": "poster.html"}[question.kind]
    fits = values.pop("fits", None) or [{"text_pt": points * larger * values["text_scale"]} for points in _SMALLER_PT]
    asked = [{**around, **size, **values, **one} for one in fits]
    return Sheet(values["title"], tuple(paper.page(template, one) for one in asked))


def write_sheet(ctx: Context, path: Path, content: bytes, kind: str) -> None:
    """Write a sheet whole or not at all; raises like ``exchange.write.write_csv``."""
    may(ctx.actor, "report")
    note_export(ctx, path, f"print {kind}")
    write_bytes(path, content)


class _Texts:
    """The texts ``print.*`` for templates: ``t.legend``."""

    def __init__(self, ctx: Context) -> None:
        self._lang = ctx.lang

    def __getattr__(self, name: str) -> str:
        return text(f"print.{name}", self._lang)


def _map_values(
    conn: Connection, ctx: Context, area: grounds.PrintArea | None, question: SheetQuestion
) -> dict[str, Any]:
    """Return what the template of a map sheet needs."""
    room = _ROOMS[question.paper, question.upright]
    view, size = question.view, (room.map_width_mm, room.map_height_mm)
    ground = grounds.ground_of_box(view.bbox, *size) if view else grounds.ground_of(_there(area), *size)
    ctx.progress(0.1, "progress.printing")
    layers, left_out = (
        views.split_layers(question.layers, ground.frame.scale) if view is not None else (question.layers, ())
    )
    parts = grounds.painted(conn, ctx, ground, layers, category=question.category or question.analysis_category)
    facts: list[list[str]] = []
    notes: list[str] = []
    if area is None:
        subtitle = listed(views.area_names(conn, ground), ctx.lang)
    else:
        subtitle = text(f"level.{area.level}", ctx.lang) + " " + area.code
    if question.run is not None and question.category is not None:
        result = figures.coverage_of(conn, ctx, question.run)
        if view is not None and view.by_building:
            colours = views.home_states(conn, ctx, ground, question.run, question.category)
        else:
            shares = None if view is None else views.shares(result, question.category, view)
            colours = figures.coloured(conn, ctx, ground, result, question.category, shares=shares)
        parts = figures.with_colours(ctx, parts, colours)
        facts = run_facts(ctx, result)
        if view is not None and view.by_building:
            unit = text("report.by", ctx.lang)
            facts = [[name, text("layer.buildings", ctx.lang) if name == unit else said] for name, said in facts]
        if view is not None:
            facts += views.facts(ctx, result, question.category, view)
        about = [note for note in result["notes"] if note["key"] not in OF_SEVERAL]
        notes = [note[ctx.lang] for note in about[:_MOST_NOTES]]
        label = label_of(question.category, bands_first(question.category), ctx.lang)
        subtitle = " · ".join(filter(None, (text("print.coverage_of", ctx.lang, category=label), subtitle)))
    for more in _analyses(conn, ctx, ground, question):
        parts = [*parts, *more.parts]
        facts += [fact for fact in more.facts if fact not in facts]
        notes += more.notes
        subtitle = " · ".join(filter(None, (more.subtitle, subtitle)))
    if left_out:
        unprinted = listed((text(f"layer.{name}", ctx.lang) for name in left_out), ctx.lang)
        notes.append(text("print.left_out", ctx.lang, layers=unprinted))
    ctx.progress(0.5, "progress.printing")
    names = grounds.names_of(conn, ctx, ground, layers if view else grounds.NAMED)
    svg = map_svg(ground.frame, [one.drawn for one in parts], names, north=text("print.north", ctx.lang), lang=ctx.lang)
    legend = legend_svg(
        legend_of(ctx, ground, parts), room.columns, room.legend_width_mm, room.legend_height_mm, ctx.lang
    )
    return {
        "title": question.title or (area.name if area else text("print.view_title", ctx.lang)),
        "subtitle": subtitle,
        "scale": text("print.scale", ctx.lang, scale=f"{ground.frame.scale:,.0f}"),
        "made": text("print.made", ctx.lang, date=local_date(ctx.clock(), ctx.timezone).isoformat()),
        "map": svg,
        "legend": legend,
        "facts": [*facts, [text("print.plane", ctx.lang), grounds.plane_words(ctx, ground)]],
        "notes": notes,
        "upright": question.upright,
        "text_scale": 0.9,
    }


def _analyses(
    conn: Connection, ctx: Context, ground: grounds.Ground, question: SheetQuestion
) -> list[analysed.Analysed]:
    """Return what analyses draw on the view, the lowest first."""
    found = []
    if question.circles is not None:
        found.append(analysed.circles_drawn(conn, ctx, ground, question.circles))
    if question.analysis is not None and question.view is not None:
        asked = (question.analysis, question.analysis_category)
        found.append(analysed.analysis_drawn(conn, ctx, ground, *asked, if_closed=question.view.if_closed))
    return found


def _there(area: grounds.PrintArea | None) -> grounds.PrintArea:
    if area is None:
        raise ValueError("a sheet is of an area or of a view")
    return area
