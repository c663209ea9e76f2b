/** Legend of service circles: who walks, and how far each of the three goes. */
import { metres, number, t } from "../i18n";
import { circlesShown } from "./circles-state";
import { sheet } from "./paint-state";
import { isStrict } from "./rule-text";
import { Swatch } from "./swatch";
import { walkSaid } from "./walker-choice";

export function CirclesLegend({ isOpen }: { isOpen: boolean }) {
  const limits = circlesShown.value?.circles.parameters.limits ?? [];
  if (limits.length === 0) return null;
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("map.legend.circles")}</p>
      <p class="legend-rule">{walkSaid()}</p>
      {isOpen && (
        <ul>
          {limits.map(({ minutes, metres: far }, place) => {
            const symbol = sheet.value?.circles[place]?.symbol;
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
        </ul>
      )}
    </div>
  );
}
