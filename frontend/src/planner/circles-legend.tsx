/** Legend of service circles: who walks, how far each of them goes, and what else is drawn with them. */
import { metres, number, t } from "../i18n";
import { title } from "../shared/lang";
import { circlesShown } from "./circles-state";
import { sheet } from "./paint-state";
import { isStrict } from "./rule-text";
import { type SampleKind, Swatch } from "./swatch";
import { walkSaid } from "./walker-choice";

const MARKS: readonly (readonly [name: string, sample: SampleKind])[] = [
  ["streets", "line"],
  ["paper", "line"],
  ["snap", "point"],
  ["origin", "point"],
];

export function CirclesLegend({ isOpen }: { isOpen: boolean }) {
  const limits = circlesShown.value?.circles.parameters.limits ?? [];
  const styles = sheet.value;
  if (!styles || limits.length === 0) return null;
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("map.legend.circles")}</p>
      <p class="legend-rule">{walkSaid()}</p>
      <ul class={isOpen ? "" : "is-short"}>
        {limits.map(({ minutes, metres: far }, place) => {
          const symbol = styles.circles[place]?.symbol;
          return (
            <li key={far}>
              {symbol && <Swatch symbol={symbol} kind="area" />}
              {t(isStrict(minutes, far) ? "map.place.row_strict" : "map.place.row", {
                minutes: number(minutes ?? 0),
                metres: metres(far),
              })}
            </li>
          );
        })}
        {isOpen &&
          MARKS.map(([name, sample]) => {
            const mark = styles.marks[name];
            return (
              mark && (
                <li key={name}>
                  <Swatch symbol={mark.symbol} kind={sample} />
                  {title(mark.label)}
                </li>
              )
            );
          })}
      </ul>
    </div>
  );
}
