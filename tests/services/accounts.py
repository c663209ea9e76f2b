"""An office with accounts, on each store: a clock that can be set, contexts of people, cheap passwords."""

from datetime import UTC, datetime, timedelta

import pyotp
from shapely.geometry import box

from geo_service.domain.accounts import Terms
from geo_service.domain.actors import ANONYMOUS, LOCAL_ADMIN
from geo_service.domain.layers import LAYERS
from geo_service.services import accounts, identity, passwords, second_factor, sign_in
from geo_service.services.context import Context
from geo_service.storage import rows
from tests.passwords import PASSWORD

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
TERMS = Terms()


class Office:
    """Makes accounts and signs people in; ``moment`` is now."""

    def __init__(self, store, var_dir):
        self.store, self.var_dir, self.moment = store, var_dir, NOW

    def pass_by(self, **parts):
        self.moment += timedelta(**parts)

    def ctx(self, actor=LOCAL_ADMIN):
        return Context(self.store, actor, lambda: self.moment, self.var_dir, "zh")

    def stranger(self, address="192.0.2.7"):
        return self.ctx(ANONYMOUS.asked(address, "request-1"))

    def tell(self, story, *args, actor=LOCAL_ADMIN, **more):
        """Run a story in a write transaction."""
        with self.store.writing() as conn:
            return story(conn, self.ctx(actor), *args, **more)

    def account(self, name="zhang.san", role="planner", password=PASSWORD, **values):
        hashed = passwords.hashed(password) if password else None
        return self.tell(accounts.create_account, name, role, values, password_hash=hashed)

    def places(self):
        """Write a street of two communities and a grid."""
        with self.store.writing() as conn:
            for code, level, west, east in (
                ("990101001", "street", 116.30, 116.34),
                ("990101001001", "community", 116.30, 116.32),
                ("990101001002", "community", 116.32, 116.34),
            ):
                values = {
                    "code": code,
                    "geom": box(west, 40.0, east, 40.02),
                    "name": f"区域{code[-3:]}",
                    "level": level,
                }
                rows.insert(conn, LAYERS["areas"], values, actor=LOCAL_ADMIN, now=self.moment)
            grid = {"code": "G1", "geom": box(116.30, 40.0, 116.31, 40.02), "name": "一网格", "kind": "governance"}
            rows.insert(conn, LAYERS["grids"], grid, actor=LOCAL_ADMIN, now=self.moment)

    def sign_in(self, name="zhang.san", password=PASSWORD, code=None, address="192.0.2.7", device=None):
        """Sign in as the door does; returns the outcome."""
        ctx = self.stranger(address)
        with self.store.reading() as conn:
            sign_in.refuse_locked(conn, ctx, name, device)
        with self.store.writing() as conn:
            begun = sign_in.begin(conn, ctx, name, device)
        is_right = passwords.is_right(begun.password_hash, password)
        with self.store.writing() as conn:
            return sign_in.finish(conn, ctx, begun, is_right=is_right, code=code, terms=TERMS, agent="test")

    def who(self, token):
        with self.store.reading() as conn:
            return identity.by_session(conn, token, self.moment, "Asia/Shanghai", TERMS)

    def who_by_token(self, token):
        with self.store.reading() as conn:
            return identity.by_token(conn, token, self.moment, "Asia/Shanghai")

    def second_factor(self, token):
        """Set up the second factor of who holds ``token``; returns what makes codes for a moment."""
        signed = self.who(token)
        secret = self.tell(second_factor.start, actor=signed.actor)["secret"]
        attempt = self.tell(second_factor.begin_confirm, actor=signed.actor)
        code = self.code(secret)
        assert self.tell(second_factor.confirm, attempt, code, signed.session, actor=signed.actor) is None
        return secret

    def code(self, secret):
        return pyotp.TOTP(secret).at(self.moment)

    def lines(self, *verbs):
        """Return the audit's lines with one of ``verbs``."""
        with self.store.reading() as conn:
            found = conn.exec_driver_sql("SELECT * FROM audit ORDER BY id").mappings().all()
        return [line for line in found if line["verb"] in verbs]
