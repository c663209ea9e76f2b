"""Stories of signing in at an identity provider of the office (OpenID Connect, authorization code with PKCE).

The provider says who somebody is; the account, its role and its places are kept here. Which account that is an
administrator says, by the provider's subject: a name there is nobody's name here.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import httpx
from authlib.common.errors import AuthlibBaseError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OctKey
from sqlalchemy import Connection

from geo_service.domain.accounts import Provider, Terms, is_confidential
from geo_service.foundation.errors import NotFound, SignInNeeded
from geo_service.services import identity
from geo_service.services.context import Context
from geo_service.services.sign_in import Outcome, open_session
from geo_service.storage import accounts, audit

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_OWN: Final = ["HS256"]
_PENDING_HOLDS: Final = timedelta(minutes=10)
_TIMEOUT_S: Final = 10.0
_LEEWAY_S: Final = 60
_LONGEST: Final = 2000
_KNOWN_FOR_S: Final = 600.0
_TOLD: Final = 255
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# whatever a provider answers: what does not fit is refused, never a fault of ours (deep JSON ends in RecursionError)
_ODD: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    AuthlibBaseError,
    JoseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RecursionError,
)


@dataclass(frozen=True)
class Claims:
    """Who somebody is at the provider, and where in the service they wanted to go."""

    subject: str
    username: str | None
    next_path: str


class Known:
    """What the provider publishes (its addresses, its keys), asked for at most every ten minutes in a process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def get(self, client: "OAuth2Client", url: str, *, anew: bool = False) -> dict[str, Any]:
        """Return the JSON object at ``url``; ``anew`` also where it is known. What fails is not kept."""
        with self._lock:
            found = self._kept.get(url)
        now = self._monotonic()
        if found is not None and not anew and now - found[0] < _KNOWN_FOR_S:
            return found[1]
        read = _json(client, url)
        with self._lock:
            self._kept[url] = (now, read)
        return read


def safe_next(raw: str | None) -> str:
    """Return where to go after signing in: a path of this server, the map for anything else."""
    wanted = raw or ""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if plain and len(wanted) <= _LONGEST and "\\" not in wanted else "/map"


def start(provider: Provider, known: Known, redirect_uri: str, next_path: str | None, now: datetime) -> tuple[str, str]:
    """Return the provider's page to send the browser to, and what the browser must keep until it comes back.

    Raises SignInNeeded ``oidc_failed``.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        with _client(provider, redirect_uri) as client:
            found = _discovered(client, provider, known)
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
    except _ODD as error:
        raise SignInNeeded("oidc_failed", reason=type(error).__name__) from error
    claims = {
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "next": safe_next(next_path),
        "exp": int((now + _PENDING_HOLDS).timestamp()),
    }
    return str(url), jwt.encode({"alg": "HS256"}, claims, _key(provider))


def finish(provider: Provider, known: Known, redirect_uri: str, *, address: str, pending: str, now: datetime) -> Claims:
    """Return who came back to ``address`` (with its query), checked against what the browser kept.

    SignInNeeded ``oidc_failed`` for all that does not fit: state, code, signature, issuer, audience, nonce, term.
    """
    moment = int(now.timestamp())
    try:
        kept = jwt.decode(pending, _key(provider), algorithms=_OWN).claims
        jwt.JWTClaimsRegistry(now=moment, exp={"essential": True}).validate(kept)
        with _client(provider, redirect_uri) as client:
            found = _discovered(client, provider, known)
            token = client.fetch_token(
                found["token_endpoint"],
                authorization_response=address,
                state=kept["state"],
                code_verifier=kept["verifier"],
            )
            claims = _signed_claims(client, known, found["jwks_uri"], token["id_token"])
        jwt.JWTClaimsRegistry(
            now=moment,
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id},
            azp={"value": provider.client_id},
            nonce={"essential": True, "value": kept["nonce"]},
            exp={"essential": True},
            sub={"essential": True},
        ).validate(claims)
    except _ODD as error:
        raise SignInNeeded("oidc_failed", reason=type(error).__name__) from error
    username = claims.get("preferred_username")
    return Claims(str(claims["sub"])[:255], username if isinstance(username, str) else None, safe_next(kept["next"]))


def sign_in(conn: Connection, ctx: Context, claims: Claims, *, terms: Terms, agent: str | None) -> Outcome:
    """Open a session for the account an administrator bound to the subject of who came back.

    An account with a second factor here still has to show it. Refused with SignInNeeded ``oidc_no_account``; subject
    and name at the provider are then in the audit, from which an administrator takes them to bind an account.
    """
    now = ctx.clock()
    account = accounts.account_of_subject(conn, claims.subject)
    if account is None or account["is_disabled"]:
        facts = {"means": "oidc", "subject": claims.subject, "name": (claims.username or "")[:_TOLD] or None}
        audit.append(conn, identity.stranger(ctx), now, "sign_in_failed", layer="accounts", facts=facts)
        return Outcome(refused=SignInNeeded("oidc_no_account"))
    return Outcome(token=open_session(conn, ctx, account, means="oidc", has_factor=False, terms=terms, agent=agent))


def needed(provider: Provider | None) -> Provider:
    """Return the provider; NotFound ``oidc_off`` where the settings name none."""
    if provider is None:
        raise NotFound("oidc_off")
    return provider


def _key(provider: Provider) -> OctKey:
    """Return what the state in the browser is signed with."""
    return OctKey.import_key(hashlib.sha256(b"geo-service oidc\x00" + provider.client_secret.encode()).digest())


def _client(provider: Provider, redirect_uri: str) -> "OAuth2Client":
    from authlib.integrations.httpx_client import OAuth2Client  # only where a provider is set up: it loads slowly

    return OAuth2Client(
        provider.client_id,
        provider.client_secret,
        scope="openid profile",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        timeout=_TIMEOUT_S,
        follow_redirects=False,
    )


def _signed_claims(client: "OAuth2Client", known: Known, url: str, token: str) -> dict[str, Any]:
    """Return what a token claims; keys that do not fit are asked for once more: the provider may have changed them."""
    for anew in (False, True):
        keys = KeySet.import_key_set(cast(KeySetSerialization, known.get(client, url, anew=anew)))
        try:
            return jwt.decode(token, keys, algorithms=list(_ALGORITHMS)).claims
        except (JoseError, ValueError):
            if anew:
                raise
    raise AssertionError


def _discovered(client: "OAuth2Client", provider: Provider, known: Known) -> dict[str, Any]:
    found = known.get(client, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ValueError("issuer")
    for name in _ENDPOINTS:  # the browser is sent to one of them, our secret to another
        address = found.get(name)
        if not isinstance(address, str) or not is_confidential(address):
            raise ValueError(name)
    return found


def _json(client: "OAuth2Client", url: str) -> dict[str, Any]:
    answer = client.request("GET", url, withhold_token=True)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found
