"""Stories of one's own second factor: one-time codes of an authenticator app (TOTP, RFC 6238).

The shared secret is sealed like a personal value, under the key of the account.
"""

import hmac
import io
from datetime import datetime
from typing import Any, Final

import pyotp
import segno
from sqlalchemy import Connection

from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import Conflict, GeoServiceError, SignInNeeded
from geo_service.services import identity, lockout
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import accounts, audit, persons, sessions

STORY: Final = "own_account"
ISSUER: Final = "geo-service"
_STEP_S: Final = 30
_NEIGHBOURS: Final = (0, -1, 1)  # steps a telephone's clock may differ
_LAYER: Final = "accounts"


def start(conn: Connection, ctx: Context) -> dict[str, Any]:
    """Make a new secret and return it with its address and a picture of that; it counts once confirmed.

    Raises Conflict ``second_factor_on``, NotFound ``account_none``.
    """
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    if account["totp_confirmed_at"] is not None:
        raise Conflict("second_factor_on")
    secret = pyotp.random_base32()
    sealed = persons.seal_values(conn, _LAYER, account["uid"], {"totp_secret": secret}, ctx.clock())
    accounts.note_account(conn, account["id"], sealed)
    uri = pyotp.TOTP(secret).provisioning_uri(name=account["name"], issuer_name=ISSUER)
    return {"secret": secret, "uri": uri, "qr_svg": _picture(uri)}


def _picture(uri: str) -> str:
    """Return a QR code as an SVG document that a page can show as an image."""
    drawn = io.BytesIO()
    code = segno.make(uri, micro=False)
    code.save(drawn, kind="svg", scale=4, border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False)
    return drawn.getvalue().decode()


def begin_confirm(conn: Connection, ctx: Context) -> lockout.Attempt:
    """Count an attempt to give a code: it is limited like a sign-in."""
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    return lockout.begin(conn, ctx.clock(), lockout.keys_inside(account["uid"]))


def confirm(
    conn: Connection, ctx: Context, attempt: lockout.Attempt, code: str, session: dict[str, Any]
) -> GeoServiceError | None:
    """Take a code: it switches a new second factor on, or lets this session prove one that is on.

    Returns why not (so that the attempt stays counted): TooManyRequests ``sign_in_locked``, Conflict
    ``second_factor_not_started``, SignInNeeded ``code_wrong``.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    if attempt.locked is not None:
        return attempt.refusal()
    account = identity.own_account(conn, ctx)
    if account["totp_secret"] is None:
        lockout.took(conn, now, attempt, wholly=False)
        return Conflict("second_factor_not_started")
    if not takes(conn, account, code, now):
        audit.append(conn, ctx.actor, now, "code_refused", layer=_LAYER, subject_uid=account["uid"])
        return SignInNeeded("code_wrong")
    lockout.took(conn, now, attempt, wholly=True)
    if account["totp_confirmed_at"] is None:
        accounts.note_account(conn, account["id"], {"totp_confirmed_at": to_iso(now)})
        sessions.end_sessions(conn, account["id"], now, but=session["uid"])
        audit.append(conn, ctx.actor, now, "second_factor_on", layer=_LAYER, subject_uid=account["uid"])
    sessions.confirm_session(conn, session["uid"])
    return None


def remove(conn: Connection, ctx: Context) -> None:
    """Take one's own second factor away; an admin has to set up a new one at once."""
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    if account["totp_secret"] is None:
        raise Conflict("second_factor_not_started")
    emptied = {"totp_secret": None, "totp_confirmed_at": None, "totp_last_step": None}
    accounts.note_account(conn, account["id"], emptied)
    audit.append(conn, ctx.actor, ctx.clock(), "second_factor_off", layer=_LAYER, subject_uid=account["uid"])


def takes(conn: Connection, account: dict[str, Any], code: str, now: datetime) -> bool:
    """Whether a code is right for this moment and was not used before, nor an earlier one than the last used.

    Raises StoreFault ``secret_key_missing``, ``secret_key_wrong`` where the secret cannot be read.
    """
    given = code.replace(" ", "")
    if account["totp_secret"] is None or len(given) != 6 or not (given.isascii() and given.isdecimal()):
        return False
    kept = {"totp_secret": account["totp_secret"]}
    secret = persons.open_values(conn, _LAYER, account["uid"], kept)["totp_secret"]
    if secret == persons.WITHHELD:
        return False
    maker = pyotp.TOTP(secret)
    here = int(now.timestamp()) // _STEP_S
    right = [here + n for n in _NEIGHBOURS if hmac.compare_digest(maker.generate_otp(here + n), given)]
    return bool(right) and accounts.use_step(conn, account["id"], right[0])
