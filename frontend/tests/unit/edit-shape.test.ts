import { expect, test } from "vitest";
import {
  addedCorner,
  addedHole,
  addedPart,
  canRemove,
  cornersOf,
  geometryOf,
  handlesIn,
  movedCorner,
  removedCorner,
  removedRing,
  type Shape,
  shapeOf,
} from "../../src/map/edit-shape";
import { Neighbours } from "../../src/map/edit-snap";
import type { LonLat } from "../../src/shared/api";

const SQUARE: LonLat[] = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
];
const square: Shape = { kind: "Polygon", parts: [[SQUARE]] };
const closed = (ring: readonly LonLat[]) => [...ring, ring[0]];

test("a geometry comes back as it was, one part as a single one", () => {
  const polygon = { type: "Polygon", coordinates: [closed(SQUARE)] } as const;
  expect(shapeOf(polygon as unknown as GeoJSON.Geometry)).toEqual(square);
  expect(geometryOf(square)).toEqual(polygon);
  expect(shapeOf({ type: "MultiPolygon", coordinates: [polygon.coordinates] } as unknown as GeoJSON.Geometry)).toEqual(
    square,
  );
  const line: GeoJSON.Geometry = {
    type: "MultiLineString",
    coordinates: [
      [
        [0, 0],
        [1, 1],
      ],
      [
        [2, 2],
        [3, 3],
      ],
    ],
  };
  expect(geometryOf(shapeOf(line) as Shape)).toEqual(line);
  expect(geometryOf(shapeOf({ type: "Point", coordinates: [1, 2] }) as Shape)).toEqual({
    type: "Point",
    coordinates: [1, 2],
  });
  const points: GeoJSON.Geometry = {
    type: "MultiPoint",
    coordinates: [
      [1, 2],
      [3, 4],
    ],
  };
  const several = shapeOf(points) as Shape;
  expect(geometryOf(several)).toEqual(points);
  expect(geometryOf(removedRing(several, { part: 0, ring: 0 }))).toEqual({ type: "Point", coordinates: [3, 4] });
  expect(geometryOf(addedPart(several, [[5, 6]]))).toHaveProperty("coordinates.2", [5, 6]);
  expect([shapeOf(null), shapeOf({ type: "GeometryCollection", geometries: [] })]).toEqual([null, null]);
});

test("corners are moved, put in and taken out, and what was there stays as it was", () => {
  const at = { part: 0, ring: 0, corner: 1 };
  expect(movedCorner(square, at, [5, -1]).parts[0]?.[0]?.[1]).toEqual([5, -1]);
  expect(addedCorner(square, at, [2, -1]).parts[0]?.[0]?.slice(0, 3)).toEqual([
    [0, 0],
    [2, -1],
    [4, 0],
  ]);
  const triangle = removedCorner(square, at);
  expect(cornersOf(triangle)).toBe(3);
  expect(canRemove(triangle, { ...at, corner: 0 })).toBe(false);
  expect(removedCorner(triangle, { ...at, corner: 0 })).toBe(triangle);
  expect(square.parts[0]?.[0]).toEqual(SQUARE);
});

test("a hole is cut into the part it begins in, and nowhere else", () => {
  const far: LonLat[] = SQUARE.map(([x, y]) => [x + 10, y]);
  const two = addedPart(square, far);
  const hole: LonLat[] = [
    [11, 1],
    [12, 1],
    [12, 2],
  ];
  const cut = addedHole(two, hole);
  expect(cut?.parts.map((rings) => rings.length)).toEqual([1, 2]);
  expect(addedHole(two, [[7, 7], ...hole])).toBeNull();
  expect(removedRing(cut as Shape, { part: 1, ring: 1 })).toEqual(two);
  expect(removedRing(cut as Shape, { part: 0, ring: 0 }).parts).toHaveLength(1);
  expect(geometryOf(cut as Shape)?.type).toBe("MultiPolygon");
});

test("a shape of ten thousand corners gets no more handles than there is room for", () => {
  const ring = Array.from({ length: 10_000 }, (_, place): LonLat => {
    const angle = (place / 10_000) * 2 * Math.PI;
    return [Math.cos(angle), Math.sin(angle)];
  });
  const many: Shape = { kind: "Polygon", parts: [[ring]] };
  const { handles, left } = handlesIn(many, [-2, -2, 2, 2], { most: 240, apart: 0.01 });
  expect(handles.filter(({ isMiddle }) => !isMiddle).length).toBeLessThanOrEqual(240);
  expect(handles.filter(({ isMiddle }) => !isMiddle).length + left).toBe(10_000);
  const close = handlesIn(many, [0.999, -0.002, 1.001, 0.002], { most: 240, apart: 0 });
  expect(close.left).toBe(0);
  expect(close.handles.some(({ isMiddle }) => isMiddle)).toBe(true);
});

test("what is drawn near a neighbour meets its corner first, then its side", () => {
  const near = new Neighbours([
    { type: "Polygon", coordinates: [closed(SQUARE.map(([x, y]) => [x / 1000, y / 1000])) as LonLat[]] },
  ]);
  const metre = 1 / 111_195;
  expect(near.nearest([3 * metre, 2 * metre], 5)).toEqual({ at: [0, 0], kind: "corner" });
  const side = near.nearest([0.002, 3 * metre], 5);
  expect(side?.kind).toBe("side");
  expect(side?.at[1]).toBeCloseTo(0, 9);
  expect(near.nearest([0.002, 0.002], 5)).toBeNull();
});
