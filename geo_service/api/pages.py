"""The pages: the map, the API's description, and their assets. Nothing is fetched from elsewhere."""

import mimetypes
from html import escape
from importlib import resources
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from geo_service.api.door import Doored, json_response
from geo_service.foundation.errors import NotFound
from geo_service.foundation.texts import Lang, text

router = APIRouter(include_in_schema=False)
_IMMUTABLE: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_FRESH: Final = {"Cache-Control": "no-cache"}
# darker than Swagger UI's own colours, which are too faint to read
_DOCS_STYLE: Final = (
    ".swagger-ui .info .title small{background:#49525f}.swagger-ui .info .title small.version-stamp{background:#3f6600}"
    ".swagger-ui .info .url{color:#1f5fa8}"
)
_SWAGGER: Final = ("vendor/swagger-ui/swagger-ui-bundle.js", "vendor/swagger-ui/swagger-ui.css")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("font/woff2", ".woff2")


def web_folder() -> Path:
    """Return the folder of the built pages."""
    return Path(str(resources.files("geo_service") / "_web"))


@router.get("/")
def get_root() -> Response:
    """Lead to the map."""
    return RedirectResponse("/map", 307)


@router.get("/map")
def get_map(door: Doored) -> Response:
    """Return the map page."""
    return _shell("map", door.lang)


@router.get("/board")
def get_board_page(door: Doored) -> Response:
    """Return the board of officials; what it shows it asks for itself."""
    return _shell("board", door.lang)


@router.get("/sign-in")
@router.get("/set-password")
@router.get("/account")
@router.get("/admin/accounts")
def get_account_page(door: Doored) -> Response:
    """Return a page for signing in or for accounts; what it shows it asks for itself."""
    return _shell("desk", door.lang)


@router.get("/audit")
def get_audit_page(door: Doored) -> Response:
    """Return the page of the audit; what it shows it asks for itself."""
    return _shell("desk", door.lang)


@router.get("/photos")
def get_photos_page(door: Doored) -> Response:
    """Return the page where photos are reviewed; what it shows it asks for itself."""
    return _shell("desk", door.lang)


@router.get("/docs")
def get_docs(door: Doored) -> Response:
    """Return the page of the API's description."""
    if not all(_asset(name) for name in _SWAGGER):
        return _not_built(door.lang)
    script, style = (f"/assets/{name}" for name in _SWAGGER)
    title = escape(text("page.docs_title", door.lang))
    return HTMLResponse(
        f'<!doctype html><html lang="{door.lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{style}">'
        '<link rel="stylesheet" href="/docs/style.css"></head>'
        f'<body><main id="docs"></main><script src="{script}"></script>'
        '<script src="/docs/start.js"></script></body></html>',
        headers=_FRESH,
    )


@router.get("/openapi.json")
def get_description(door: Doored) -> Response:
    """Return the API's description."""
    return json_response(door.request.app.openapi())


@router.get("/docs/style.css")
def get_docs_style() -> Response:
    """Return what the page of the API's description changes in Swagger UI's colours."""
    return Response(_DOCS_STYLE, headers=_FRESH, media_type="text/css")


@router.get("/docs/start.js")
def get_docs_start() -> Response:
    """Return the script that fills the page of the API's description."""
    script = (
        'window.SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true, '
        "validatorUrl: null, docExpansion: 'none'});\n"
    )
    return Response(script, headers=_FRESH, media_type="text/javascript")


@router.get("/favicon.ico")
def get_icon() -> Response:
    """Return the icon, or nothing."""
    icon = web_folder() / "favicon.ico"
    return FileResponse(icon, headers=_FRESH) if icon.is_file() else Response(status_code=204)


@router.get("/assets/{path:path}")
def get_asset(path: str) -> Response:
    """Return a built file; those with a hash in their name never change."""
    found = _asset(path)
    if found is None:
        raise NotFound("address_unknown", path=f"/assets/{path[:200]}")
    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    fixed = not path.startswith("vendor/")
    return FileResponse(found, headers=_IMMUTABLE if fixed else _FRESH, media_type=kind)


def _asset(path: str) -> Path | None:
    """Return a file under the built assets (or their vendor folder), None for anything else."""
    for folder in (web_folder() / "assets", web_folder()):
        if folder != web_folder() / "assets" and not path.startswith("vendor/"):
            continue
        found = (folder / path).resolve()
        if found.is_relative_to(folder.resolve()) and found.is_file():
            return found
    return None


def _shell(name: str, lang: Lang) -> Response:
    """Return a built page, empty until its script fills it."""
    page = web_folder() / name / "index.html"
    if not page.is_file():
        return _not_built(lang)
    return FileResponse(page, headers=_FRESH, media_type="text/html; charset=utf-8")


def _not_built(lang: Lang) -> Response:
    """Say that the pages are not built, and how to build them."""
    title, body = escape(text("page.not_built_title", lang)), escape(text("page.not_built", lang))
    return HTMLResponse(
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{body}</p><pre>make frontend</pre></body></html>",
        status_code=503,
        headers=_FRESH,
    )
