/** A legend's sample of a symbol: the same colour, shape, dash and pattern as on the map. */
import { useMemo } from "preact/hooks";
import { inkOn, svgPath } from "../map/shapes";
import { lighten, type SymbolStyle } from "../map/style";
import { lineOn } from "../map/tokens";
import { lang } from "../shared/lang";

export type SampleKind = "point" | "line" | "area" | "street";

const WIDTH = 26;
const HEIGHT = 18;
let made = 0;

export function Swatch({ symbol, kind }: { symbol: SymbolStyle; kind: SampleKind }) {
  const id = useMemo(() => `pattern-${++made}`, []);
  return (
    <svg class="swatch" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {kind === "point" && <Point symbol={symbol} />}
      {kind === "area" && <Area symbol={symbol} id={id} />}
      {(kind === "line" || kind === "street") && <Line symbol={symbol} isStreet={kind === "street"} />}
    </svg>
  );
}

function Point({ symbol }: { symbol: SymbolStyle }) {
  const glyph = symbol.glyph?.[lang.value];
  return (
    <g transform={`translate(${WIDTH / 2} ${HEIGHT / 2})`}>
      <path d={svgPath(symbol.shape, 6.5)} fill={symbol.fill ?? "none"} stroke={symbol.stroke ?? "none"} />
      {glyph && (
        <text class="swatch-glyph" y="3" text-anchor="middle" fill={inkOn(symbol.fill)}>
          {glyph}
        </text>
      )}
    </g>
  );
}

function Area({ symbol, id }: { symbol: SymbolStyle; id: string }) {
  const box = { x: 3, y: 2.5, width: WIDTH - 6, height: HEIGHT - 5, "stroke-dasharray": symbol.dash.join(" ") };
  return (
    <>
      <rect
        {...box}
        fill={symbol.fill ?? "none"}
        fill-opacity={symbol.fill_opacity}
        stroke={symbol.stroke ? lineOn(symbol.stroke) : "none"}
      />
      {symbol.pattern !== "none" && (
        <>
          <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse">
            <PatternStrokes symbol={symbol} />
          </pattern>
          <rect {...box} fill={`url(#${id})`} stroke="none" />
        </>
      )}
    </>
  );
}

function PatternStrokes({ symbol: { pattern, stroke } }: { symbol: SymbolStyle }) {
  const colour = stroke ?? "#555555";
  if (pattern === "dots") return <circle cx="2.5" cy="2.5" r="0.9" fill={colour} />;
  const d = pattern === "crosshatch" ? "M0 5L5 0M0 0L5 5" : "M0 5L5 0";
  return <path d={d} stroke={colour} stroke-width="0.9" />;
}

function Line({ symbol, isStreet }: { symbol: SymbolStyle; isStreet: boolean }) {
  const d = `M2 ${HEIGHT / 2}H${WIDTH - 2}`;
  const colour = symbol.stroke ?? "#333333";
  if (!isStreet || symbol.dash.length > 0)
    return <path d={d} stroke={colour} stroke-width={symbol.width_px} stroke-dasharray={symbol.dash.join(" ")} />;
  const width = Math.min(symbol.width_px * 2, 7);
  return (
    <>
      <path d={d} stroke={symbol.casing ?? colour} stroke-width={width + 2} />
      <path d={d} stroke={symbol.casing ? colour : lighten(colour, 0.82)} stroke-width={width} />
    </>
  );
}
