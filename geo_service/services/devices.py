"""Browsers somebody signed in with before: what strangers type as his name does not lock them (OWASP device cookies).

The cookie is signed with a key made of the account's kept password: nothing else has to be stored, and a new password
voids it. It opens nothing; attempts from there are only counted apart, and limited like all others.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from geo_service.domain.accounts import holds

HOLDS: Final = timedelta(days=180)
_LONGEST: Final = 200


def cookie_part(name: str) -> str:
    """Return what tells the cookies of several people at one browser apart, for a name as it is compared."""
    return hashlib.sha256(f"geo-service device name\x00{name}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def made(account: Mapping[str, Any], now: datetime) -> str:
    """Return what a browser keeps after ``account`` signed in with its password."""
    stem = f"{int(now.timestamp())}.{secrets.token_urlsafe(16)}"
    return f"{stem}.{_signature(account, stem)}"


def recognised(account: Mapping[str, Any] | None, given: str | None, now: datetime) -> str | None:
    """Return what attempts from this browser are counted under; None where it is not one of the account's."""
    if account is None or account["password_hash"] is None or not given or len(given) > _LONGEST:
        return None
    stem, _, signature = given.rpartition(".")
    if not hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), _signature(account, stem).encode()):
        return None
    made_at = datetime.fromtimestamp(int(stem.partition(".")[0]), now.tzinfo)
    return stem if holds(made_at, made_at + HOLDS, now) else None


def _signature(account: Mapping[str, Any], stem: str) -> str:
    key = hashlib.sha256(f"geo-service device\x00{account['password_hash']}".encode()).digest()
    return hmac.new(key, f"{account['uid']}\x00{stem}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
