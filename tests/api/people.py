"""People with accounts who ask over HTTP: each has a client of its own, as each has a browser."""

from datetime import UTC, datetime, timedelta

import pyotp
from fastapi.testclient import TestClient

from geo_service.bootstrap import Service
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.main import create_app
from geo_service.services import accounts, passwords
from geo_service.services.context import Context
from geo_service.settings import Settings
from tests.passwords import PASSWORD

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def code_of(answer):
    """Return status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


class Hall:
    """The server and those who come to it; ``moment`` is now."""

    def __init__(self, store, var_dir, **settings):
        self.store, self.moment = store, NOW
        given = Settings(database_url=store.url, var_dir=var_dir, **settings)
        self.service = Service(given, clock=lambda: self.moment, open_store=lambda _url: store)
        self.app = create_app(service=self.service)

    def pass_by(self, **parts):
        self.moment += timedelta(**parts)

    def browser(self, base_url="http://localhost", address="127.0.0.1"):
        return TestClient(
            self.app, base_url=base_url, raise_server_exceptions=False, client=(address, 50000), follow_redirects=False
        )

    def account(self, name="zhang.san", role="planner", **values):
        ctx = Context(self.store, LOCAL_ADMIN, lambda: self.moment, self.service.settings.var_dir, "zh")
        with self.store.writing() as conn:
            hashed = passwords.hashed(PASSWORD)
            return accounts.create_account(conn, ctx, name, role, values, password_hash=hashed)

    def signed_in(self, name="zhang.san", *, code=None, browser=None, password=PASSWORD):
        """Return a browser that is signed in and sends the proof of its pages."""
        client = browser or self.browser()
        body = {"name": name, "password": password} | ({"code": code} if code else {})
        answer = client.post("/api/sign-in", json=body)
        assert answer.status_code == 204, answer.text
        client.headers["X-CSRF-Token"] = client.get("/api/me").json()["csrf_token"]
        return client

    def admin(self, name="root1"):
        """Return an administrator's browser, second factor shown, and the secret."""
        self.account(name, "admin")
        client = self.signed_in(name)
        secret = client.post("/api/me/second-factor", json={}).json()["secret"]
        answer = client.post("/api/me/second-factor/confirm", json={"code": self.code(secret)})
        assert answer.status_code == 204, answer.text
        return client, secret

    def code(self, secret):
        return pyotp.TOTP(secret).at(self.moment)
