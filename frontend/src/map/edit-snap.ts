/** What is drawn near a neighbour's corner or side is drawn onto it. Places in degrees, reach in metres. */
import type { Geometry } from "geojson";
import type { LonLat } from "../shared/api";
import { type Shape, shapeOf } from "./edit-shape";

const METRES_PER_DEGREE = 111_195;
/** Corners are met from further away than sides. */
const CORNER_BONUS = 1.5;

interface Side {
  from: LonLat;
  to: LonLat;
}

export interface Snapped {
  at: LonLat;
  kind: "corner" | "side";
}

/** The sides of the neighbours in cells, so that one of some hundred metres is looked through, not all. */
export class Neighbours {
  private readonly cells = new Map<string, Side[]>();
  private readonly cell = 0.002;

  constructor(geometries: readonly (Geometry | null)[]) {
    for (const geometry of geometries) {
      const shape = shapeOf(geometry);
      if (shape) this.add(shape);
    }
  }

  private add({ kind, parts }: Shape): void {
    for (const rings of parts)
      for (const ring of rings)
        ring.forEach((from, place) => {
          const isLast = place === ring.length - 1;
          const to = isLast ? (kind === "Polygon" ? ring[0] : kind === "Point" ? from : undefined) : ring[place + 1];
          if (to) this.keep({ from, to });
        });
  }

  private keep(side: Side): void {
    const [fromX, fromY] = this.cellOf(side.from);
    const [toX, toY] = this.cellOf(side.to);
    // a very long side would fill the table; it is met through its ends
    if (Math.abs(toX - fromX) > 200 || Math.abs(toY - fromY) > 200) return;
    for (let x = Math.min(fromX, toX); x <= Math.max(fromX, toX); x++)
      for (let y = Math.min(fromY, toY); y <= Math.max(fromY, toY); y++) {
        const key = `${x},${y}`;
        const sides = this.cells.get(key);
        if (sides) sides.push(side);
        else this.cells.set(key, [side]);
      }
  }

  private readonly cellOf = ([lon, lat]: LonLat): [number, number] => [
    Math.floor(lon / this.cell),
    Math.floor(lat / this.cell),
  ];

  /** The nearest corner within reach, else the nearest place on a side, else null. */
  nearest(at: LonLat, reachMetres: number): Snapped | null {
    const shrink = Math.cos((at[1] * Math.PI) / 180);
    const metres = ([lon, lat]: LonLat) => Math.hypot((lon - at[0]) * shrink, lat - at[1]) * METRES_PER_DEGREE;
    let corner: { at: LonLat; away: number } | null = null;
    let side: { at: LonLat; away: number } | null = null;
    for (const one of this.near(at)) {
      for (const end of [one.from, one.to]) {
        const away = metres(end);
        if (away <= reachMetres * CORNER_BONUS && (!corner || away < corner.away)) corner = { at: end, away };
      }
      const foot = footOn(one, at, shrink);
      const away = metres(foot);
      if (away <= reachMetres && (!side || away < side.away)) side = { at: foot, away };
    }
    if (corner) return { at: corner.at, kind: "corner" };
    return side && { at: side.at, kind: "side" };
  }

  private near(at: LonLat): Side[] {
    const [x, y] = this.cellOf(at);
    const found: Side[] = [];
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++) found.push(...(this.cells.get(`${x + dx},${y + dy}`) ?? []));
    return found;
  }
}

/** The place of a side nearest to a point. */
function footOn({ from, to }: Side, [lon, lat]: LonLat, shrink: number): LonLat {
  const dx = (to[0] - from[0]) * shrink;
  const dy = to[1] - from[1];
  const length = dx * dx + dy * dy;
  if (length === 0) return from;
  const along = ((lon - from[0]) * shrink * dx + (lat - from[1]) * dy) / length;
  const share = Math.max(0, Math.min(1, along));
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}
