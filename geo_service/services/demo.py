"""The story of the demo community: generate, store in several transactions, place, analyse. Can be run again.

The network's row marks what the store holds: its name carries size and seed, its fingerprint the checksum of all
rows. The same demo is completed or left alone, so what people changed in it stays; a demo made by an older version of
the generator is brought up to date; a store that holds anything else is refused.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.demo.plan import LICENCE, REFERENCE_DATE, SOURCE
from geo_service.demo.town import NETWORK_CODE, Town, generate
from geo_service.domain.actors import Actor
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import Conflict
from geo_service.services import coverage
from geo_service.services.context import Context
from geo_service.services.imports_network import length_m
from geo_service.services.questions import CoverageQuestion
from geo_service.services.rights import may
from geo_service.storage import bulk, overview
from geo_service.storage import ways as stored_ways
from geo_service.storage.store import create_store

_LEVELS_ANALYSED: Final = ("community", "grid")
_CIRCLE: Final = 15
_GONE: Final = "no longer in the demo"
# what is written together; each group is one transaction, references point to the same or an earlier group
_GROUPS: Final = (
    (("areas", "grids", "barriers"), 0.10),
    (("buildings",), 0.25),
    (("households",), 0.75),
    (("facilities", "entrances", "inventory_statements", "public_spaces", "green_spaces"), 0.88),
    (("adoptions", "frontages", "gates", "projects", "cases", "checklist_findings"), 1.0),
)
# rows of these layers that do not come from the demo make a store somebody else's
_OWNED: Final = ("areas", "networks", "ways", "buildings", "households")


@dataclass(frozen=True)
class DemoDone:
    """What a run of the demo did.

    Attributes
    ----------
    counts
        Rows of each layer of the demo.
    created, updated, retired
        Rows written now; all 0 where the same demo was there already.
    people
        Residents (常住) of the demo.
    checksum
        Canonical checksum of all rows.
    runs
        Uids of the coverage runs by level.
    """

    size: str
    seed: int
    counts: dict[str, int]
    created: int
    updated: int
    retired: int
    people: int
    checksum: str
    runs: dict[str, str]


def prepare_store(url: str, actor: Actor) -> None:
    """Create the store if it is not there and bring it up to date; raises StoreFault."""
    may(actor, "operate")
    create_store(url).close()


def make_demo(ctx: Context, size: str, seed: int) -> DemoDone:
    """Generate and store the demo community and analyse it; opens and commits several transactions.

    Raises NotFound ``demo_size_unknown``; Conflict ``demo_foreign_data`` (the store holds other data),
    ``demo_other`` (it holds a demo of another size or seed).
    """
    may(ctx.actor, "import")
    with ctx.store.reading() as conn:
        check_store(conn, size, seed)
    town = generate(size, seed, ctx.stage(0.0, 0.3).progress)
    checksum = town.checksum()
    created = updated = retired = 0
    with ctx.store.reading() as conn:
        is_there = _is_there(conn, town, checksum)
    if not is_there:
        created, updated, retired = store_town(ctx.stage(0.3, 0.75), town, checksum)
    runs = {}
    for n, level in enumerate(_LEVELS_ANALYSED):
        ctx.progress(0.75 + n / 8, "demo.analysing")
        question = CoverageQuestion.asked(circle=_CIRCLE, by=level)
        runs[level] = str(coverage.coverage(ctx.stage(0.75 + n / 8, 0.875 + n / 8), question)["uid"])
    counts = {name: len(frame) for name, frame in town.frames.items()}
    counts["ways"] = len(town.ways.codes)
    people = int(town.frames["households"]["residents_persons"].sum())
    return DemoDone(size, seed, counts, created, updated, retired, people, checksum, runs)


def check_store(conn: Connection, size: str, seed: int) -> None:
    """Raise Conflict unless the store is empty or holds this very demo."""
    for name in _OWNED:
        if [source for source in overview.distinct(conn, LAYERS[name], "source") if source != SOURCE]:
            raise Conflict("demo_foreign_data", layer=name)
        if len(bulk.read_frame(conn, LAYERS[name], ["id"], geometry=False, where={"source": None})):
            raise Conflict("demo_foreign_data", layer=name)
    for row in stored_ways.networks(conn):
        if row["code"] == NETWORK_CODE and row["name"] != _network_name(size, seed):
            raise Conflict("demo_other", found=row["name"], wanted=_network_name(size, seed))


def store_town(ctx: Context, town: Town, checksum: str) -> tuple[int, int, int]:
    """Write all rows, group by group, then their places; returns rows created, updated and retired."""
    created = updated = retired = 0
    done = 0.0
    for names, share in _GROUPS:
        ctx.progress(done * 0.85, "demo.storing")
        with ctx.store.writing() as conn:
            for name in names:
                result = bulk.upsert(conn, LAYERS[name], town.frames[name], actor=ctx.actor, now=ctx.clock())
                created, updated = created + result.created, updated + result.updated
            if "areas" in names:
                result = stored_ways.write_ways(
                    conn, _network_row(town, checksum), town.ways, actor=ctx.actor, now=ctx.clock()
                )
                created, updated = created + result.created, updated + result.updated
        done = share
    ctx.progress(0.85, "demo.places")
    with ctx.store.writing() as conn:
        retired = _retire_gone(conn, ctx, town)
        bulk.refresh_places(conn)
    ctx.progress(1.0, "demo.places")
    return created, updated, retired


def _is_there(conn: Connection, town: Town, checksum: str) -> bool:
    """Whether every row of this demo is stored already, by the same generator, with its places."""
    if not any(r["code"] == NETWORK_CODE and r["fingerprint"] == checksum for r in stored_ways.networks(conn)):
        return False
    for name, frame in town.frames.items():
        if not set(frame["code"]) <= bulk.ids_by_code(conn, LAYERS[name]).keys():
            return False
    placed = bulk.read_frame(conn, LAYERS["buildings"], ["area_code"], geometry=False)
    return bool(placed["area_code"].notna().any())


def _retire_gone(conn: Connection, ctx: Context, town: Town) -> int:
    """Retire rows an older generator made and this one does not; what people added has another source."""
    gone = 0
    for name in reversed(list(town.frames)):
        frame = bulk.read_frame(conn, LAYERS[name], ["id", "code"], geometry=False, where={"source": SOURCE})
        left = frame.loc[~frame["code"].isin(set(town.frames[name]["code"])), "id"].tolist()
        gone += bulk.retire(conn, LAYERS[name], left, _GONE, actor=ctx.actor, now=ctx.clock())
    return gone


def _network_name(size: str, seed: int) -> str:
    return f"示例步行网络 {size} {seed}"


def _network_row(town: Town, checksum: str) -> dict[str, Any]:
    return {
        "code": NETWORK_CODE,
        "geometry": town.extent,
        "name": _network_name(town.size.name, town.seed),
        "network_area_code": town.frames["areas"]["code"].iloc[0],
        "is_closed": False,
        "source_date": f"{REFERENCE_DATE.isoformat()}T00:00:00.000Z",
        "fingerprint": checksum,
        "length_m": round(length_m(town.ways), 1),
        "source": SOURCE,
        "licence": LICENCE,
    }
