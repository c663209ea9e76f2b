/** The one legend: coverage first, then the layers shown, with colour, shape and count. */
import { signal } from "@preact/signals";
import { layerNamed, summary } from "../data/catalogue";
import { number, t } from "../i18n";
import { CELL_STEPS, cellFill, cellSteps } from "../map/paint";
import { FEATURE_ZOOM } from "../map/sources";
import type { LayerStyle, SymbolStyle } from "../map/style";
import { title } from "../shared/lang";
import { isNarrow } from "../shared/narrow";
import { CirclesLegend } from "./circles-legend";
import { circlesShown } from "./circles-state";
import { CoverageLegend } from "./coverage-legend";
import { GROUPS } from "./layer-groups";
import { result, sheet } from "./paint-state";
import * as state from "./state";
import { type SampleKind, Swatch } from "./swatch";
import { ToolLegend } from "./tool-panel";
import { WhyLegend } from "./why-legend";

const CELLS: readonly string[] = ["buildings", "facilities"];

const KEPT = "legend";
const FOLDED = "folded";

/** Open beside a map that has room, unless the person folded it; a phone begins with one line. */
const isFolded = signal(keptFolded());
const isOpenOnPhone = signal(false);

function keptFolded(): boolean {
  try {
    return window.localStorage.getItem(KEPT) === FOLDED;
  } catch {
    return false; // a browser that keeps nothing shows it
  }
}

function fold(isFoldedNow: boolean): void {
  isFolded.value = isFoldedNow;
  try {
    window.localStorage.setItem(KEPT, isFoldedNow ? FOLDED : "open");
  } catch {
    // then it holds for this page
  }
}

export function Legend() {
  const isOpen = isNarrow.value ? isOpenOnPhone.value : !isFolded.value;
  const styles = sheet.value;
  if (!styles) return null;
  const hasAnswer = result.value !== null || state.tool.value !== null || circlesShown.value !== null;
  const shown = GROUPS.flatMap(({ layers }) => layers).filter((name) => state.isShown(name));
  return (
    <section class={`legend ${isOpen ? "is-open" : ""}`} aria-label={t("map.legend.title")}>
      <button
        type="button"
        class="legend-head"
        aria-expanded={isOpen}
        onClick={() => {
          if (isNarrow.value) isOpenOnPhone.value = !isOpen;
          else fold(isOpen);
        }}
      >
        {t("map.legend.title")}
      </button>
      {isOpen && <WhyLegend />}
      <CirclesLegend isOpen={isOpen} />
      {state.tool.value && <ToolLegend isOpen={isOpen} />}
      <CoverageLegend isOpen={isOpen} />
      {!isOpen && !hasAnswer && <ShortLayers names={shown} />}
      {isOpen && (
        <details class="legend-layers" key={String(hasAnswer)} open={!hasAnswer}>
          <summary>{t("map.legend.layers")}</summary>
          {shown.map((name) => {
            const style = styles.layers[name];
            return style && <LayerLegend key={name} name={name} style={style} />;
          })}
        </details>
      )}
    </section>
  );
}

/** The closed legend still says what the layers are, the uppermost first; what does not fit is cut off. */
const ShortLayers = ({ names }: { names: readonly string[] }) => (
  <p class="legend-short is-line">
    {[...names]
      .reverse()
      .filter((name) => (summary.value?.counts[name] ?? 0) > 0 && name !== "households")
      .map((name) => {
        const style = sheet.value?.layers[name];
        const symbol = style && samplesOf(style)[0];
        return (
          symbol && (
            <span key={name}>
              <Swatch symbol={symbol} kind={sampleOf(kindOf(name, style), symbol.fill)} />
              {title(layerNamed(name)?.label)}
            </span>
          )
        );
      })}
  </p>
);

const zoomNow = () => state.position.value?.zoom ?? 0;

function LayerLegend({ name, style }: { name: string; style: LayerStyle }) {
  const count = summary.value?.counts[name] ?? 0;
  if (count === 0) return null;
  const isCells = name === "households" || (zoomNow() < FEATURE_ZOOM && CELLS.includes(name));
  const kind = kindOf(name, style);
  return (
    <details class="legend-layer" open={isCells}>
      <summary>
        {(isCells ? [] : samplesOf(style)).map((symbol, place) => (
          <Swatch key={place} symbol={symbol} kind={sampleOf(kind, symbol.fill)} />
        ))}
        {name === "households" ? t("map.layers.households") : title(layerNamed(name)?.label)}{" "}
        <span class="count">{number(count)}</span>
      </summary>
      {isCells ? <CellLegend name={name} style={style} /> : <Rules style={style} kind={kind} />}
    </details>
  );
}

const SAMPLES = 3;

/** A few symbols of the layer, so that the closed legend already says what is what. */
const samplesOf = (style: LayerStyle): SymbolStyle[] =>
  style.rules.length === 0
    ? [style.default.symbol]
    : style.rules
        .map((rule) => rule.symbol)
        .filter(
          ({ shape, fill }, place, all) => place === all.findIndex((one) => one.shape === shape && one.fill === fill),
        )
        .slice(0, SAMPLES);

function Rules({ style, kind }: { style: LayerStyle; kind: SampleKind }) {
  return (
    <ul>
      {style.rules.map((rule) => (
        <li key={rule.values.join()}>
          <Swatch symbol={rule.symbol} kind={sampleOf(kind, rule.symbol.fill)} />
          {title(rule.label)}
        </li>
      ))}
      {kind === "street" && (
        <li>
          <Swatch symbol={style.default.symbol} kind={kind} />
          {title(style.default.label)}
        </li>
      )}
    </ul>
  );
}

function CellLegend({ name, style }: { name: string; style: LayerStyle }) {
  const symbols = cellSteps(cellFill(name, style));
  return (
    <ul>
      {CELL_STEPS.map((from, step) => {
        const to = CELL_STEPS[step + 1];
        const range = to === undefined ? `≥ ${from}` : `${from}–${to - 1}`;
        const symbol = symbols[step];
        return (
          <li key={from}>
            {symbol && <Swatch symbol={symbol} kind="area" />}
            {t(name === "households" ? "map.legend.cell_people" : "map.legend.cell", { range })}
          </li>
        );
      })}
    </ul>
  );
}

const POINTS: readonly string[] = ["facilities", "entrances", "gates", "projects", "cases"];

function kindOf(name: string, style: LayerStyle): SampleKind {
  if (name === "ways") return "street";
  if (POINTS.includes(name)) return "point";
  return style.geometry === "MultiLineString" ? "line" : "area";
}

/** Walls and rails are lines in a layer that also has areas. */
const sampleOf = (kind: SampleKind, fill: string | null): SampleKind =>
  kind === "area" && fill === null ? "line" : kind;
