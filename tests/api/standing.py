"""Things that are there to be asked for, one of everything, and somebody of every role signed in."""

import io
import re
from datetime import timedelta

from PIL import Image

from geo_service.domain.actors import LOCAL_ADMIN, ROLES
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import to_iso
from geo_service.services import accounts as stories
from geo_service.services.identity import new_token, token_hash
from geo_service.storage import accounts, rows, rules, scenarios, sessions, views
from tests.api.conftest import NOW
from tests.community import GRID_HERE, HERE, QUARTER, actor_of, enrol, feature, settle

PARAMETER = re.compile(r"\{(\w+)\}")
QUERIES = {
    "/api/prints/{kind}": {"area": QUARTER, "format": "pdf", "layers": "areas"},
    "/api/photos": {"subject_layer": "projects", "subject_uid": "projects-A"},
    "/api/explain": {"building": "buildings-A", "category": "clinic"},
    "/api/search": {"q": "A"},
    "/api/features/{layer}/file": {"format": "geojson"},
}
# bodies for what is there, by the name of their schema, where the description shows none that fits
BODIES = {
    "LinkPassword": {"password": "kite.lantern.42"},
    "CodeGiven": {"code": "123456"},
    "AccountChange": {"display_name": "王芳"},
    "AssignmentNew": {"grid_code": GRID_HERE},
    "AssignmentEnd": {},
    "PasswordChange": {"old": "x", "new": "y"},
    "SignIn": {"name": "x", "password": "y"},
    "SplitAsked": {
        "line": {"type": "LineString", "coordinates": [[116.3101, 40.0], [116.3101, 40.02]]},
        "versions": {"green_spaces-A": 1},
        "codes": ["green_spaces-A2"],
    },
    "MergeAsked": {  # what was split before
        "idents": ["green_spaces-A", "green_spaces-A2"],
        "keep": "green_spaces-A",
        "versions": {"green_spaces-A": 2, "green_spaces-A2": 1},
    },
}


def jpeg(shade=9):
    """Return a small photo."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 9, 9)).save(kept, "JPEG")
    return kept.getvalue()


class Standing:
    """A settled store; ``sessions`` holds what the cookie of each role holds."""

    def __init__(self, service):
        self.store, self.ctx = service.store, service.context(LOCAL_ADMIN, "zh")
        self.run = settle(self.store, NOW)
        enrol(self.store, self.ctx)
        self.sessions, self.spare, self.photos = {}, {}, {}
        self.numbers = iter(range(10, 10_000))
        self.renew()

    def renew(self):
        """Let everybody be signed in, whatever they or an administrator did to their accounts."""
        with self.store.writing() as conn:
            for role in ROLES[1:]:
                account = accounts.account_named(conn, actor_of(role, "own").name)
                confirmed = to_iso(NOW) if role == "admin" else None
                changes = {"is_disabled": False, "role": role, "totp_confirmed_at": confirmed}
                accounts.note_account(conn, account["id"], changes)
                self.sessions[role], _ = self._session(conn, account["id"])
            self.account = accounts.account_named(conn, actor_of("planner", "other").name)
            accounts.note_account(conn, self.account["id"], {"is_disabled": False})

    def add_photo(self, client, headers):
        """Add a photo of the project and publish it."""
        given = headers | {"Content-Type": "image/jpeg"}
        answer = client.post("/api/photos", params=QUERIES["/api/photos"], content=jpeg(), headers=given)
        assert answer.status_code in (200, 201), answer.text
        self.photo = answer.json()["id"]
        said = {"decision": "published", "boxes": []}
        etag = {"If-Match": '"1"'}
        answer = client.post(f"/api/photos/{self.photo}/review", json=said, headers=headers | etag)
        assert answer.status_code == 200, answer.text

    def place(self, path, role):
        """Return the parameters of a path so that it leads to something that is there."""
        names = PARAMETER.findall(path)
        if not names:
            return {}
        parts = path.split("/")
        subject = parts[2] if parts[1] == "api" else parts[1]
        own = {"areas": QUARTER, "grids": GRID_HERE, "photos": self.photo}
        known = {
            "runs": lambda: {"uid": self.run, "other": self.run},
            "analyses": lambda: {"uid": self.run},
            "board": lambda: {"view": "resources"},
            "photos": lambda: {"uid": self.photo, "ident": self.photo},
            "accounts": lambda: {"uid": self.account["uid"], "assignment": self._assignment()},
            "audit": lambda: {"line": self._last_line()},
            "persons": lambda: {"layer": "cases", "ident": self._case()},
            "layers": lambda: {"layer": "grids" if parts[-1] == "problems" else "buildings"},
            "features": lambda: {"layer": "facilities"},
            "{layer}": lambda: self._of_a_layer(parts[-1]),
            "me": lambda: {"uid": self._own(role, parts[3])},
            "links": lambda: {"token": self._link()},
            "rules": lambda: {"ident": "CRC-01"},
            "scenarios": lambda: {"uid": self._scenario()},
            "views": lambda: {"uid": self._view()},
            "prints": lambda: {"kind": "map", "uid": self.run},
            "jobs": lambda: {"uid": self.run},
            "tiles": lambda: {"layer": "buildings", "z": 15, "x": 26970, "y": 12404},
        }
        found = known.get(subject, lambda: {"ident": own.get(subject, f"{subject}-A")})()
        return {name: found[name] for name in names}

    def _of_a_layer(self, what):
        """Return a row of a layer that takes part in what is asked."""
        layer = {"split": "green_spaces", "merge": "green_spaces", "check": "facilities"}.get(what, "households")
        return {"layer": layer, "ident": f"{layer}-A"}

    def query(self, path):
        """Return the query a path needs."""
        return dict(QUERIES.get(path, {}))

    def version(self, path, place):
        """Return the entity tag of what is there."""
        with self.store.reading() as conn:
            if path.startswith("/api/rules/"):
                kept = rules.newest(conn, place["ident"])
                return '"1"' if kept is None else f'"{kept.version}"'
            if path.startswith("/api/scenarios/"):
                return f'"{scenarios.get(conn, place["uid"])["version"]}"'
            if path.startswith("/api/views/"):
                return f'"{views.get(conn, place["uid"])["version"]}"'
            if "assignment" in place:
                found = accounts.get_assignment(conn, self.account["id"], place["assignment"])
            elif path.startswith("/api/accounts/"):
                found = accounts.get_account(conn, place["uid"])
            else:
                layer = LAYERS[place.get("layer") or path.split("/")[2]]
                found = rows.get(conn, layer, place.get("ident") or place["uid"])
        return f'"{found["version"]}"'

    def body(self, path, content, document):
        """Return a body as the description shows it: its example, or those of its fields."""
        number = next(self.numbers)
        if path == "/api/photos":
            return jpeg(number % 250)
        if path.removeprefix("/api/") in LAYERS:
            code = {"code": f"990101001001Q{number}"} if path == "/api/areas" else {}
            return feature(path.removeprefix("/api/"), **code)
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        if name in BODIES:
            return BODIES[name]
        shown = content.get("example")
        if shown is None:
            schema = document["components"]["schemas"].get(name, content["schema"])
            fields = {key: one["examples"][0] for key, one in schema.get("properties", {}).items() if "examples" in one}
            shown = schema["examples"][0] if "examples" in schema else fields
        if path == "/api/rules":
            return shown | {"id": f"LOCAL-{number}"}
        if path == "/api/accounts":
            return shown | {"name": f"wang.{number}", "role": "unit"}
        return shown

    def _session(self, conn, account_id):
        """Return the token of a new session and its uid."""
        token, expires = new_token(), NOW + timedelta(hours=8)
        told = {"means": "oidc", "has_second_factor": True, "address": None, "agent": None}
        made = sessions.insert_session(conn, account_id, token_hash(token), NOW, expires, **told)
        return token, made["uid"]

    def _own(self, role, what):
        """Return the uid of a new session or API token of the role's account; of anonymous there is none."""
        if role == "anonymous":
            return "none"
        with self.store.writing() as conn:
            account = accounts.account_named(conn, actor_of(role, "own").name)
            if what == "sessions":
                return self._session(conn, account["id"])[1]
            expires = NOW + timedelta(days=1)
            made = sessions.insert_token(
                conn,
                account["id"],
                "spare",
                token_hash(new_token()),
                ("analyse",),
                actor=LOCAL_ADMIN,
                now=NOW,
                expires_at=expires,
            )
            return made["uid"]

    def _assignment(self):
        with self.store.writing() as conn:
            days = {"starts_on": None, "ends_on": None}
            made = stories.assign(conn, self.ctx, self.account["uid"], layer="areas", code=HERE, **days)
        return made["uid"]

    def _scenario(self):
        edits = [{"edit": "facility_close", "facility": "facilities-A"}]
        question = {"categories": ["clinic"]}
        with self.store.writing() as conn:
            return scenarios.insert(conn, "情景", edits, question, actor=LOCAL_ADMIN, now=NOW)["uid"]

    def _view(self):
        with self.store.writing() as conn:
            name = f"视图{next(self.numbers)}"
            return views.insert(conn, name, "map=15/116.3/40", "colleagues", actor=LOCAL_ADMIN, now=NOW)["uid"]

    def _link(self):
        with self.store.writing() as conn:
            return stories.make_link(conn, self.ctx, self.account["uid"]).path.partition("#")[2]

    def _last_line(self):
        with self.store.reading() as conn:
            return conn.exec_driver_sql("SELECT max(id) FROM audit").scalar()

    def _case(self):
        """Return the code of a new case: people are erased for good."""
        with self.store.writing() as conn:
            values = {"code": f"C{next(self.numbers)}", "category": "noise", "reported_at": to_iso(NOW)}
            values |= {"geom": rows.get(conn, LAYERS["cases"], "cases-A")["geom"], "reporter_name": "李四"}
            return rows.insert(conn, LAYERS["cases"], values, actor=LOCAL_ADMIN, now=NOW)["code"]
