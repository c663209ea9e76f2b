/** Measuring: points set on the map, the distance along them and the area inside, on the ellipsoid's mean sphere. */
import { computed, effect } from "@preact/signals";
import { metres, number } from "../../i18n";
import type { OverlayShape } from "../../map/overlay";
import type { SymbolStyle } from "../../map/style";
import type { LonLat } from "../../shared/api";
import { overlay, picking } from "../overlay-state";
import * as state from "../state";
import { asked, together } from "./follow";
import { areaOf, lengthOf } from "./geodesy";
import type { ToolPart } from "./part";
import { followPointKeys } from "./point-keys";
import { t } from "./texts";
import "./tools.css";

/** The points as the address keeps them: `lon,lat;lon,lat`. */
const points = computed<LonLat[]>(() =>
  (asked("points") ?? "").split(";").flatMap((one): LonLat[] => {
    const [lon, lat] = one.split(",").map(Number);
    const fits = lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
    return one.includes(",") && fits ? [[lon, lat]] : [];
  }),
);

const keep = (next: readonly LonLat[]) =>
  state.ask({ points: next.map((at) => at.map((degree) => degree.toFixed(6)).join(",")).join(";") || null });

function Panel() {
  const set = points.value;
  return (
    <>
      <p>{t("tools.measure.how")}</p>
      <p class="hint">{t("tools.pick_hint")}</p>
      <dl class="fields" aria-live="polite">
        <div>
          <dt>{t("tools.measure.points")}</dt>
          <dd>{number(set.length)}</dd>
        </div>
        <div>
          <dt>{t("tools.measure.distance")}</dt>
          <dd>{metres(lengthOf(set))}</dd>
        </div>
        {set.length >= 3 && (
          <div>
            <dt>{t("tools.measure.area")}</dt>
            <dd>{areaText(areaOf(set))}</dd>
          </div>
        )}
      </dl>
      <div class="actions">
        <button type="button" title="Ctrl+Z / ⌘Z" disabled={set.length === 0} onClick={() => keep(set.slice(0, -1))}>
          {t("tools.edit.path_back")}
        </button>
        <button type="button" disabled={set.length === 0} onClick={() => keep([])}>
          {t("tools.measure.clear")}
        </button>
      </div>
      {set.length > 0 && (
        <ul class="measured">
          {set.map(([lon, lat], place) => (
            <li key={`${place}${lon},${lat}`}>
              {number(place + 1)}. {lon.toFixed(6)}, {lat.toFixed(6)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const areaText = (m2: number): string =>
  m2 < 100_000
    ? t("tools.measure.m2", { area: number(m2) })
    : m2 < 1e7
      ? t("tools.measure.hectares", { area: number(m2 / 1e4, 1) })
      : t("tools.measure.km2", { area: number(m2 / 1e6, 2) });

const LINE: SymbolStyle = {
  fill: "#f0e442",
  fill_opacity: 0.25,
  stroke: "#333333",
  width_px: 2.5,
  dash: [8, 5],
  shape: "circle",
  radius_px: 5,
  glyph: null,
  pattern: "none",
};
const POINT: SymbolStyle = { ...LINE, fill: "#ffffff", fill_opacity: 1, dash: [], radius_px: 8 };

function shapes(): OverlayShape[] {
  const set = points.value;
  const [first] = set;
  const drawn: OverlayShape[] = set.map((coordinates, place) => ({
    key: null,
    geometry: { type: "Point", coordinates },
    symbol: POINT,
    badge: String(place + 1),
  }));
  if (set.length >= 3 && first)
    drawn.unshift({
      key: null,
      geometry: { type: "Polygon", coordinates: [[...set, first]] },
      symbol: { ...LINE, stroke: null },
    });
  if (set.length >= 2) drawn.unshift({ key: null, geometry: { type: "LineString", coordinates: set }, symbol: LINE });
  return drawn;
}

function start(): () => void {
  picking.value = { kind: "place", take: (at) => keep([...points.peek(), at]) };
  return together(
    followPointKeys(points, keep),
    effect(() => {
      overlay.value = { shapes: shapes(), onPick: () => {} };
    }),
  );
}

export const part: ToolPart = { Panel, Legend: null, start };
