"""Vector tiles over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from geo_service.api.door import Doored, etag_of, not_modified
from geo_service.foundation.errors import InvalidInput
from geo_service.services import tiles

router = APIRouter(tags=["tiles"])
MVT_TYPE: Final = "application/vnd.mapbox-vector-tile"
_LONGEST_UID = 64
Place = Annotated[int, Path(ge=0, le=2**20 - 1)]


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt",
    summary="矢量瓦片 / Vector tile",
    description="网络墨卡托，行号自北向南。14 级起为要素；13 级及以下楼栋、住户、设施合成格子"
    "（count、residents_persons）。run 只用于楼栋:每类 s_<类别>(0 未覆盖 1 覆盖 2 不明)、d_<类别>(整米，-1 走不到)。 / "
    "Web Mercator, row 0 in the north. Features from zoom 14; up to 13 buildings, households and facilities are "
    "aggregated to cells. With run (buildings only) the state s_ and whole metres d_ of every category.",
    response_class=Response,
    responses={
        200: {"content": {MVT_TYPE: {"schema": {"type": "string", "format": "binary"}}}, "description": "tile"},
        204: {"description": "nothing here"},
        304: {"description": "not changed"},
    },
)
def get_tile(
    layer: str,
    z: Annotated[int, Path(ge=0, le=tiles.DEEPEST_ZOOM)],
    x: Place,
    y: Place,
    door: Doored,
    *,
    run: Annotated[str | None, Query(min_length=1, max_length=_LONGEST_UID)] = None,
) -> Response:
    """Return a tile: from the cache, by its ETag, or made now."""
    unknown = set(door.request.query_params) - {"run"}
    if unknown:
        raise InvalidInput("parameter_unknown", parameter=sorted(unknown)[0][:80], known="run")
    address = tiles.TileAddress(layer, z, x, y, run)
    asked = tiles.check_address(address)
    ctx = door.ctx
    key = tiles.key_of(address, asked, door.service.versions.current(ctx.store), ctx)
    etag = etag_of(key)
    if door.is_known(etag):
        return not_modified(etag)
    tile = door.service.tile_cache.get(key)
    if tile is None:
        with door.reading() as (conn, ctx):
            tile = tiles.make_tile(conn, ctx, address, door.service.run_homes)
        door.service.tile_cache.put(key, tile)
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    return Response(tile, 200 if tile else 204, headers, MVT_TYPE if tile else None)
