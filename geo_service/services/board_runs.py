"""The kept runs boards and sheets read: the latest of each question, the earlier ones, what has changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geo_service.domain.labels import layer_label
from geo_service.domain.layers import LAYERS
from geo_service.foundation.ids import fingerprint
from geo_service.services import runs
from geo_service.services.analyses import kind_named
from geo_service.services.context import Context
from geo_service.services.questions import chosen_categories
from geo_service.services.rights import may
from geo_service.services.told import shown_result
from geo_service.storage import versions

if TYPE_CHECKING:
    from sqlalchemy import Connection

EARLIER: Final = 7  # earlier dates of a trend


@dataclass(frozen=True)
class Asked:
    """An analysis a board needs: its kind and the question, as it is sent to ``/api/analyses/<kind>``."""

    kind: str
    question: Mapping[str, Any]

    def parameters(self) -> list[dict[str, Any]]:
        """Return the parameters of runs that were asked this: of the categories named, or else of all of them."""
        asked = kind_named(self.kind).asked(**self.question).parameters()
        if "categories" not in self.question:
            return [asked]
        return [asked, {**asked, "categories": list(chosen_categories(None))}]


@dataclass
class Kept:
    """The kept runs of a store as one reader may see them, or as anybody may; results are read once each."""

    conn: "Connection"
    ctx: Context
    to_anybody: bool = False
    _listed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _shown: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, asked: Asked) -> list[dict[str, Any]]:
        """Return the runs of a question without their results, the newest first, one for each date of its data."""
        may(self.ctx.actor, "read_runs")
        questions = asked.parameters()
        key = fingerprint([asked.kind, questions])
        if key not in self._listed:
            by_date: dict[str, dict[str, Any]] = {}
            for run in runs.answers_to(self.conn, self.ctx, asked.kind, questions):
                by_date.setdefault(date_of(run), run)
            self._listed[key] = list(by_date.values())
        return self._listed[key]

    def latest(self, *questions: Asked) -> dict[str, Any] | None:
        """Return the result of the newest run of some questions as the reader may see it, None where there is none."""
        newest = [found[0] for found in map(self.of, questions) if found]
        return self.result(max(newest, key=lambda run: str(run["created_at"]))) if newest else None

    def result(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result of a run as the reader may see it."""
        uid = str(run["uid"])
        if uid not in self._shown:
            run = runs.get_run(self.conn, self.ctx, uid)
            self._shown[uid] = shown_result(self.conn, self.ctx, run, to_anybody=self.to_anybody)
        return self._shown[uid]

    def told(self, asked: Asked) -> dict[str, Any]:
        """Return what a reader must know of an analysis: its question, its latest run, what has changed since."""
        found = self.of(asked)
        run = found[0] if found else None
        return {
            "kind": asked.kind,
            "question": dict(asked.question),
            "earlier": len(found) - 1 if found else 0,
            "run": None
            if run is None
            else {
                "uid": run["uid"],
                "created_at": run["created_at"],
                "as_of": date_of(run),
                "code_version": run["code_version"],
                "changed": [layer_label(LAYERS[name]) for name in changed_layers(self.conn, run)],
            },
        }


def date_of(run: Mapping[str, Any]) -> str:
    """Return the date a run's data are of, YYYY-MM-DD."""
    return str(run["inputs"].get("as_of") or run["created_at"][:10])


def changed_layers(conn: "Connection", run: Mapping[str, Any]) -> list[str]:
    """Return the layers a run rests on that have changed since."""
    now = versions.layer_versions(conn)
    read = run["inputs"].get("layers", {})
    return [name for name, version in read.items() if name in LAYERS and now.get(name) != version]
