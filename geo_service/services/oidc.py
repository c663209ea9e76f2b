"""Stories of signing in at an identity provider of the office (OpenID Connect, authorization code with PKCE).

The provider says who somebody is; the account, its role and its places are kept here and must exist.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import httpx
from authlib.common.errors import AuthlibBaseError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OctKey
from sqlalchemy import Connection

from geo_service.domain.accounts import Provider, Terms, can_be_name, plain_name
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


@dataclass(frozen=True)
class Claims:
    """Who somebody is at the provider, and where in the service they wanted to go."""

    subject: str
    username: str | None
    next_path: str


def safe_next(raw: str | None) -> str:
    """Return where to go after signing in: a path of this server, the map for anything else."""
    wanted = raw or ""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if plain and len(wanted) <= _LONGEST and "\\" not in wanted else "/map"


def start(provider: Provider, redirect_uri: str, next_path: str | None, now: datetime) -> tuple[str, str]:
    """Return the provider's page to send the browser to, and what the browser must keep until it comes back.

    Raises SignInNeeded ``oidc_failed``.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        with _client(provider, redirect_uri) as client:
            found = _discovered(client, provider)
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
    except (httpx.HTTPError, AuthlibBaseError, KeyError, ValueError, TypeError) as error:
        raise SignInNeeded("oidc_failed", reason=type(error).__name__) from error
    claims = {
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "next": safe_next(next_path),
        "exp": int((now + _PENDING_HOLDS).timestamp()),
    }
    return str(url), jwt.encode({"alg": "HS256"}, claims, _key(provider))


def finish(provider: Provider, redirect_uri: str, address: str, pending: str, now: datetime) -> Claims:
    """Return who came back to ``address`` (with its query), checked against what the browser kept.

    SignInNeeded ``oidc_failed`` for all that does not fit: state, code, signature, issuer, audience, nonce, term.
    """
    moment = int(now.timestamp())
    try:
        kept = jwt.decode(pending, _key(provider), algorithms=_OWN).claims
        jwt.JWTClaimsRegistry(now=moment, exp={"essential": True}).validate(kept)
        with _client(provider, redirect_uri) as client:
            found = _discovered(client, provider)
            token = client.fetch_token(
                found["token_endpoint"],
                authorization_response=address,
                state=kept["state"],
                code_verifier=kept["verifier"],
            )
            keys = KeySet.import_key_set(cast(KeySetSerialization, _json(client, found["jwks_uri"])))
        claims = jwt.decode(token["id_token"], keys, algorithms=list(_ALGORITHMS)).claims
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
    except (httpx.HTTPError, AuthlibBaseError, JoseError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise SignInNeeded("oidc_failed", reason=type(error).__name__) from error
    username = claims.get("preferred_username")
    return Claims(str(claims["sub"])[:255], username if isinstance(username, str) else None, safe_next(kept["next"]))


def sign_in(conn: Connection, ctx: Context, claims: Claims, *, terms: Terms, agent: str | None) -> Outcome:
    """Open a session for the account of who came back; the first time its name is enough, from then on the subject.

    An account with a second factor here still has to show it. Refused with SignInNeeded ``oidc_no_account``.
    """
    now = ctx.clock()
    account = accounts.account_of_subject(conn, claims.subject)
    if account is None and claims.username is not None and can_be_name(claims.username):
        account = accounts.account_named(conn, plain_name(claims.username))
        if account is not None and (account["oidc_subject"] is not None or account["is_disabled"]):
            account = None
        if account is not None:
            accounts.note_account(conn, account["id"], {"oidc_subject": claims.subject})
            audit.append(conn, identity.stranger(ctx), now, "oidc_linked", layer="accounts", subject_uid=account["uid"])
    if account is None or account["is_disabled"]:
        facts = {"means": "oidc"}
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


def _discovered(client: "OAuth2Client", provider: Provider) -> dict[str, Any]:
    found = _json(client, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ValueError("issuer")
    return found


def _json(client: "OAuth2Client", url: str) -> dict[str, Any]:
    answer = client.request("GET", url, withhold_token=True)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found
