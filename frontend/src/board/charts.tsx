/** Charts as lists of bars that choose or filter, and a line of earlier results: plain HTML and SVG that print and speak. */
import type { ComponentChildren } from "preact";
import { percent } from "../i18n/format";
import type { TrendPoint } from "./data";
import { t } from "./texts";

export interface Bar {
  key: string;
  label: string;
  /** Part of the longest bar, 0 to 1; null where nothing is known. */
  part: number | null;
  said: ComponentChildren;
  isChosen?: boolean;
}

interface Bars {
  title: string;
  bars: Bar[];
  tone?: "bad" | "good";
  onChoose: (key: string) => void;
}

export function BarChart({ title, bars, tone = "good", onChoose }: Bars) {
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <ul>
        {bars.map((bar) => (
          <li key={bar.key}>
            <button type="button" aria-pressed={bar.isChosen ?? false} onClick={() => onChoose(bar.key)}>
              <span class="chart-label">{bar.label}</span>
              <span class="chart-track" aria-hidden="true">
                {bar.part !== null && (
                  <span class={`chart-bar chart-${tone}`} style={{ width: `${Math.max(bar.part * 100, 0.5)}%` }} />
                )}
              </span>
              <span class="chart-said">{bar.said}</span>
            </button>
          </li>
        ))}
      </ul>
    </figure>
  );
}

const WIDTH = 96;
const HEIGHT = 26;
const EDGE = 3;

/** Places of the known shares on the line, from left to right by their order. */
export function trendPlaces(trend: TrendPoint[]): { x: number; y: number }[] {
  const known = trend.map(({ share }, place) => ({ share, place })).filter(({ share }) => share !== null);
  const values = known.map(({ share }) => share as number);
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  const step = (WIDTH - 2 * EDGE) / Math.max(trend.length - 1, 1);
  return known.map(({ share, place }) => ({
    x: EDGE + place * step,
    y: span === 0 ? HEIGHT / 2 : HEIGHT - EDGE - (((share as number) - low) / span) * (HEIGHT - 2 * EDGE),
  }));
}

export function Trend({ trend, label }: { trend: TrendPoint[]; label: string }) {
  const first = trend[0];
  const last = trend[trend.length - 1];
  if (!first || !last) return null;
  const places = trendPlaces(trend);
  const said = t("board.trend.said", {
    from: first.as_of,
    first: percent(first.share),
    to: last.as_of,
    last: percent(last.share),
  });
  const versions = [...new Set(trend.map(({ code_version }) => code_version))];
  return (
    <span class="trend">
      <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}: ${said}`}>
        <polyline points={places.map(({ x, y }) => `${x},${y}`).join(" ")} />
        {places.map(({ x, y }) => (
          <circle key={x} cx={x} cy={y} r="2" />
        ))}
      </svg>
      <small class="trend-said">{said}</small>
      {versions.length > 1 && (
        <small class="trend-said">{t("board.trend.code", { versions: versions.join(", ") })}</small>
      )}
    </span>
  );
}
