/** Classes of changes of shares with their limits and how many places are in each; closed, one line of them. */
import { number } from "../../i18n";
import { unknownOf } from "../../map/paint";
import type { DifferenceClass } from "../../map/style";
import { title } from "../../shared/lang";
import { sheet } from "../paint-state";
import { Swatch } from "../swatch";
import { type Change, differenceClassOf } from "./difference";
import { t } from "./texts";

interface Asked {
  changes: readonly Change[];
  isOpen: boolean;
  /** Nothing can be lost: the classes of losses are left out. */
  isGain?: boolean;
}

export function DifferenceLegend({ changes, isOpen, isGain = false }: Asked) {
  const styles = sheet.value;
  if (!styles) return null;
  const classes = styles.coverage.differences.filter(({ to_share }) => !isGain || to_share > 0);
  if (!isOpen) return <Short classes={classes} isGain={isGain} />;
  const countOf = (fits: (change: Change) => boolean) => changes.filter(fits).length;
  const unknown = unknownOf(styles);
  const plain = styles.coverage.no_data.symbol;
  const others = [
    { why: "unknown", symbol: unknown?.symbol ?? plain, text: title(unknown?.label) },
    { why: "withheld", symbol: plain, text: t("tools.withheld") },
    { why: "no_data", symbol: plain, text: title(styles.coverage.no_data.label) },
  ].filter(({ why }) => changes.includes(why as Change));
  return (
    <ul>
      {[...classes].reverse().map((entry) => (
        <li key={entry.from_share}>
          <Swatch symbol={entry.symbol} kind="area" />
          {limitsText(entry)}
          <span class="count">
            {number(countOf((change) => typeof change === "number" && differenceClassOf(classes, change) === entry))}
          </span>
        </li>
      ))}
      {others.map(({ why, symbol, text }) => (
        <li key={why}>
          <Swatch symbol={symbol} kind="area" />
          {text}
          <span class="count">{number(countOf((change) => change === why))}</span>
        </li>
      ))}
    </ul>
  );
}

function Short({ classes, isGain }: { classes: readonly DifferenceClass[]; isGain: boolean }) {
  const [least, most] = [classes[0]?.to_share ?? 0, classes[classes.length - 1]?.from_share ?? 0];
  return (
    <p class="legend-short">
      {isGain ? "0" : points(least)}
      {classes.map(({ from_share, symbol }) => (
        <span key={from_share} class="legend-step" style={{ backgroundColor: symbol.fill ?? undefined }} />
      ))}
      {t("tools.difference.short", { most: points(most) })}
    </p>
  );
}

const points = (share: number): string =>
  `${share > 0 ? "+" : share < 0 ? "−" : ""}${number(Math.abs(share) * 100, 1)}`;

/** The limits of a class in percentage points, the one nearer to zero first. */
export function limitsText({ from_share, to_share }: DifferenceClass): string {
  if (from_share < 0 && to_share > 0) return t("tools.difference.none", { limit: number(to_share * 100, 1) });
  if (to_share >= 1) return t("tools.difference.gain", { limit: points(from_share) });
  if (from_share <= -1) return t("tools.difference.loss", { limit: points(to_share) });
  const [near, far] = from_share > 0 ? [from_share, to_share] : [to_share, from_share];
  return t("tools.difference.between", { near: points(near), far: points(far) });
}
