/** Base maps from outside, under everything of ours; those in GCJ-02 are moved back tile by tile. */
import * as L from "leaflet";
import type { BaseMap, LonLat } from "../shared/api";
import { fromGcj02, toGcj02 } from "./gcj02";

const PANE = "base";
const TILE_PX = 256;
/** So many pictures in a row that did not come: the service is not there. */
const TOO_MANY = 4;

type Placed = { left: number; top: number; width: number; height: number };

/** What Leaflet keeps of tiles and calls for them. */
interface Inner {
  _tileZoom: number;
  _level: { origin: L.Point };
  _tiles: Record<string, { el: HTMLElement }>;
  _getTiledPixelBounds(centre: L.LatLng): L.Bounds;
  _addTile(coords: L.Coords, into: Node): void;
  _tileCoordsToKey(coords: L.Coords): string;
}
const inner = L.TileLayer.prototype as unknown as Inner;

/**
 * Where a tile in GCJ-02 lies among world pixels of our map. A tile's right edge is the left edge of the next, so that
 * no seam opens; each corner is right to half a pixel, wherever on the map.
 */
export function placedTile({ x, y, z }: { x: number; y: number; z: number }): Placed {
  const [left, top] = corner(x, y, z);
  return { left, top, width: corner(x + 1, y, z)[0] - left, height: corner(x, y + 1, z)[1] - top };
}

const project = L.CRS.EPSG3857.latLngToPoint.bind(L.CRS.EPSG3857);

function corner(x: number, y: number, z: number): [number, number] {
  const { lng, lat } = L.CRS.EPSG3857.pointToLatLng(L.point(x * TILE_PX, y * TILE_PX), z);
  const [east, north] = fromGcj02([lng, lat]);
  const at = project(L.latLng(north, east), z);
  return [Math.round(at.x), Math.round(at.y)];
}

/** Tiles in GCJ-02 under our data: other tiles are asked for, and each is put where it belongs. */
const ShiftedLayer = L.TileLayer.extend({
  _getTiledPixelBounds(this: Inner, centre: L.LatLng): L.Bounds {
    const [lng, lat] = toGcj02([centre.lng, centre.lat] as LonLat);
    const { min, max } = inner._getTiledPixelBounds.call(this, L.latLng(lat, lng));
    // the shift is a little different at the edges of the view
    return L.bounds((min as L.Point).subtract([3, 3]), (max as L.Point).add([3, 3]));
  },
  _getTilePos(this: Inner, coords: L.Coords): L.Point {
    const { left, top } = placedTile({ x: coords.x, y: coords.y, z: this._tileZoom });
    return L.point(left, top).subtract(this._level.origin);
  },
  _addTile(this: Inner, coords: L.Coords, into: Node): void {
    inner._addTile.call(this, coords, into);
    const tile = this._tiles[this._tileCoordsToKey(coords)]?.el;
    const { width, height } = placedTile({ x: coords.x, y: coords.y, z: this._tileZoom });
    if (tile) Object.assign(tile.style, { width: `${width}px`, height: `${height}px` });
  },
}) as unknown as typeof L.TileLayer;

export class BaseLayer {
  private shown: L.TileLayer[] = [];
  private code: string | null = null;
  private missed = 0;

  constructor(
    private readonly map: L.Map,
    private readonly onLost: () => void,
  ) {
    map.createPane(PANE).style.zIndex = "150"; // under the tiles of our own layers
  }

  show(base: BaseMap | null, opacity: number): void {
    (this.map.getPane(PANE) as HTMLElement).style.opacity = String(opacity);
    if (this.code === (base?.code ?? null)) return;
    for (const layer of this.shown) layer.remove();
    this.code = base?.code ?? null;
    this.missed = 0;
    this.shown = base ? base.urls.map((url) => this.layer(base, url)) : [];
    for (const layer of this.shown) layer.addTo(this.map);
  }

  private layer(base: BaseMap, url: string): L.TileLayer {
    const Layer = base.is_shifted ? ShiftedLayer : L.TileLayer;
    const layer = new Layer(url, {
      pane: PANE,
      subdomains: base.subdomains,
      maxNativeZoom: base.max_zoom,
      maxZoom: this.map.getMaxZoom(),
      tileSize: TILE_PX,
    });
    layer.on("tileload", () => {
      this.missed = 0;
    });
    layer.on("tileerror", () => {
      this.missed++;
      if (this.missed === TOO_MANY) this.onLost();
    });
    return layer;
  }
}
