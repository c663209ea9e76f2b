/** Selecting in a shape: what of the chosen layers lies inside, on the map, as a table, as a file, with its circles. */
import { effect } from "@preact/signals";
import { categories } from "../../data/catalogue";
import { MOST_CORNERS, ringOf } from "../../data/drawn-shape";
import { number } from "../../i18n";
import type { OverlayShape } from "../../map/overlay";
import type { SymbolStyle } from "../../map/style";
import { title } from "../../shared/lang";
import { Choice } from "../coverage-panel";
import { overlay } from "../overlay-state";
import * as state from "../state";
import { Swatch } from "../swatch";
import { asked, goToChosen, show, together } from "./follow";
import { MOST_DRAWN } from "./most-rows";
import type { ToolPart } from "./part";
import { followPointKeys } from "./point-keys";
import { CirclesOfThem, kindOf, labelOf, Selected } from "./select-found";
import { ShapeTools } from "./select-shape";
import * as now from "./select-state";
import { t } from "./select-texts";
import "./tools.css";

const SHAPE: SymbolStyle = {
  fill: "#f0e442",
  fill_opacity: 0.12,
  stroke: "#333333",
  width_px: 2.5,
  dash: [8, 5],
  shape: "circle",
  radius_px: 6,
  glyph: null,
  pattern: "none",
};
const CORNER: SymbolStyle = { ...SHAPE, fill: "#ffffff", fill_opacity: 1, dash: [] };
const FOUND: SymbolStyle = { ...CORNER, fill: "#cc79a7", fill_opacity: 0.45, stroke: "#6b0038", radius_px: 12 };

function Panel() {
  const isPoints = now.way.value === "points";
  const count = now.corners.value.length;
  return (
    <>
      {!isPoints && <Layers />}
      <ShapeTools />
      {count >= MOST_CORNERS && (
        <p class="note" role="alert">
          {t(count > MOST_CORNERS ? "select.too_many" : "select.full", { count, most: number(MOST_CORNERS) })}
        </p>
      )}
      {!isPoints && now.filters.value.length > 0 && <Selected />}
      <CirclesOfThem />
    </>
  );
}

function Layers() {
  const chosen = now.chosenLayers.value;
  return (
    <fieldset class="limit">
      <legend>{t("select.layers")}</legend>
      <div class="checks">
        {now.offered.value.map(({ name }) => (
          <label key={name} class="check">
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => now.toggle(name)} />
            {labelOf(name)}
          </label>
        ))}
      </div>
      {chosen.includes("facilities") && (
        <Choice
          label={labelOf("facilities")}
          value={asked("category") ?? ""}
          options={[
            { value: "", label: t("select.all_categories") },
            ...categories.value.map(({ code, label }) => ({ value: code, label: title(label) })),
          ]}
          onChange={(value) => state.ask({ category: value || null, circles: null })}
        />
      )}
    </fieldset>
  );
}

function Legend() {
  const count = now.all.value.reduce((sum, { total }) => sum + total, 0);
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("select.legend")}</p>
      <ul>
        <li>
          <Swatch symbol={SHAPE} kind="area" />
          {t("select.legend_shape")}
        </li>
        {count > 0 && (
          <li>
            <Swatch symbol={{ ...FOUND, fill: null }} kind="point" />
            <Swatch symbol={FOUND} kind="area" />
            {t("select.legend_found", { count: number(count) })}
          </li>
        )}
      </ul>
    </div>
  );
}

function shapes(): OverlayShape[] {
  const set = now.corners.value;
  const way = now.way.value;
  const ring = ringOf(way, set);
  const drawn: OverlayShape[] = now.outline.found.value.flatMap(({ geometry }) =>
    geometry ? [{ key: null, geometry, symbol: SHAPE }] : [],
  );
  if (ring) drawn.push({ key: null, geometry: { type: "Polygon", coordinates: [ring] }, symbol: SHAPE });
  else if (set.length > 1 && way !== "points")
    drawn.push({ key: null, geometry: { type: "LineString", coordinates: set }, symbol: SHAPE });
  const things = now.all.value.flatMap(({ layer, features }) => features.map((feature) => ({ layer, feature })));
  for (const { layer, feature } of things.slice(0, MOST_DRAWN)) {
    const key = `${layer}/${feature.properties.code}`;
    const named = String(feature.properties.name ?? feature.properties.code);
    if (feature.geometry)
      drawn.push({
        key,
        geometry: feature.geometry,
        symbol: FOUND,
        isRing: true,
        title: [named, kindOf(layer, feature)].filter(Boolean).join(" · "),
        isChosen: asked("thing") === key,
      });
  }
  if (now.isDrawing.value || way === "points")
    for (const coordinates of set) drawn.push({ key: null, geometry: { type: "Point", coordinates }, symbol: CORNER });
  return drawn;
}

function start(): () => void {
  return together(
    now.outline.follow(),
    now.followFound(),
    now.followCircles(),
    now.showCircles(),
    followPointKeys(now.corners, now.keep, () => now.way.value),
    effect(() => {
      const [area] = now.outline.found.value;
      if (area) show(area.geometry);
    }),
    effect(() => {
      overlay.value = {
        shapes: shapes(),
        onPick: (thing, byKeyboard) => {
          state.ask({ thing });
          state.open("tool");
          goToChosen(byKeyboard);
        },
      };
    }),
    () => now.draw(false),
  );
}

export const part: ToolPart = { Panel, Legend, start };
