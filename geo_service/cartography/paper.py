"""Pages on paper: HTML templates set by WeasyPrint as PDF, PDF pages as PNG. Nothing is fetched from anywhere."""

import io
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pypdfium2
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from geo_service.foundation.errors import StoreFault

_PAGES: Final = Path(__file__).resolve().parent / "pages"
PNG_DPI: Final = 150
PAPERS: Final[Mapping[str, tuple[float, float]]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}  # upright, mm


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined)


def page(template: str, values: Mapping[str, Any]) -> str:
    """Return a page of ``pages/`` filled with values, texts escaped; SVG of our own stands as it is."""
    return _templates().get_template(template).render(values)


def set_pdf(pages: Iterable[str], title: str) -> bytes:
    """Return the first of ``pages`` that fits one sheet as PDF, the last where none does.

    ``pages`` are the same page in smaller and smaller text, or with less and less on it.

    Raises StoreFault ``print_no_pango`` where Pango is not installed, ``print_no_font`` without a Chinese font.
    """
    try:
        import weasyprint
    except OSError as error:
        raise StoreFault("print_no_pango") from error
    _check_font()
    nowhere = weasyprint.URLFetcher(allowed_protocols=(), fail_on_errors=True)
    fonts = weasyprint.text.fonts.FontConfiguration()
    document = None
    for html in pages:
        document = weasyprint.HTML(string=html, url_fetcher=nowhere).render(font_config=fonts)
        if len(document.pages) == 1:
            break
    if document is None:
        raise ValueError("no page to set")
    document.metadata.title = title
    return bytes(document.write_pdf())


def set_file(pages: Iterable[str], title: str, form: str) -> bytes:
    """Return :func:`set_pdf` as a file of ``form``: ``pdf``, or its pages as ``png``."""
    made = set_pdf(pages, title)
    return made if form == "pdf" else as_png(made)


def as_png(pdf: bytes, dpi: int = PNG_DPI) -> bytes:
    """Return the pages of a PDF, one below the other, as PNG of ``dpi`` dots an inch."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()
    image = pages[0]
    if len(pages) > 1:
        image = Image.new("RGB", (max(page.width for page in pages), sum(page.height for page in pages)), "white")
        for number, page in enumerate(pages):
            image.paste(page, (0, sum(above.height for above in pages[:number])))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, dpi=(dpi, dpi))
    return file.getvalue()


@cache
def _check_font() -> None:
    """Refuse to print Chinese as empty boxes where fontconfig knows of no Chinese font."""
    command = shutil.which("fc-list")
    if command is None:
        return
    found = subprocess.run([command, ":lang=zh", "file"], capture_output=True, check=False, timeout=60)
    if found.returncode == 0 and not found.stdout.strip():
        raise StoreFault("print_no_font")
