"""The headers every answer carries: what a browser may load, frame, tell others and ask the person for."""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import MutableHeaders

_PAGE_CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{images}; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; frame-src 'none'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# what is not a page loads nothing, wherever it is opened
_DATA_CSP: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
# a script's own policy is that of the worker it may run as
_PAGE_TYPES: Final = ("text/html", "text/javascript")
_REFUSED_FEATURES: Final = (
    "accelerometer autoplay camera display-capture encrypted-media gyroscope hid idle-detection "
    "local-fonts magnetometer microphone midi payment publickey-credentials-get serial usb xr-spatial-tracking"
)
_FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        ["geolocation=(self)", *(f"{feature}=()" for feature in _REFUSED_FEATURES.split())]
    ),
}
_HSTS: Final = "max-age=31536000"  # a year; without includeSubDomains: the sister hosts of an office are not ours


def page_policy(image_origins: Sequence[str] = ()) -> str:
    """Return what a page may load: all from here, pictures also from these origins (the office's base maps)."""
    return _PAGE_CSP.format(images="".join(f" {one}" for one in image_origins))


def secure(headers: MutableHeaders, path: str, *, is_tls: bool, policy: str) -> None:
    """Add the security headers to the answer for ``path``; HSTS only where the browser came by TLS.

    ``policy`` is that of pages (:func:`page_policy`); everything else may load nothing.
    """
    is_page = headers.get("content-type", "").startswith(_PAGE_TYPES)
    headers["Content-Security-Policy"] = policy if is_page else _DATA_CSP
    for name, value in _FIXED.items():
        headers[name] = value
    if is_tls:
        headers["Strict-Transport-Security"] = _HSTS
    if path.startswith(("/api/", "/tiles/")) and headers.get("cache-control") == "no-cache":
        headers["Cache-Control"] = "private, no-cache"  # never kept by a proxy shared by several people
