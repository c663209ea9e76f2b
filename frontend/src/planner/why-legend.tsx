/** Legend of a way drawn on the map: home, where it meets the street, route, deciding facility. */
import { explanation } from "../data/explanations";
import { t } from "../i18n";
import { title } from "../shared/lang";
import { ready } from "../shared/loadable";
import { sheet } from "./paint-state";
import * as state from "./state";
import { type SampleKind, Swatch } from "./swatch";

const MARKS: readonly (readonly [name: string, kind: SampleKind])[] = [
  ["route", "line"],
  ["snap", "point"],
  ["target", "point"],
];

export function WhyLegend() {
  const found = ready(explanation.state.value);
  const styles = sheet.value;
  const what = state.selected.value;
  if (!found || !styles || what?.kind !== "home" || what.code !== found.building.code) return null;
  const drawn = { route: found.route, snap: found.snap, target: found.facility };
  const home = styles.coverage.states.find(({ code }) => code === found.state);
  return (
    <ul class="legend-why">
      {home && (
        <li>
          <Swatch symbol={home.symbol} kind="point" />
          {t("map.why.home", { state: title(home.label) })}
        </li>
      )}
      {MARKS.map(([name, kind]) => {
        const mark = styles.marks[name];
        return (
          mark &&
          drawn[name as keyof typeof drawn] && (
            <li key={name}>
              <Swatch symbol={mark.symbol} kind={kind} />
              {title(mark.label)}
            </li>
          )
        );
      })}
    </ul>
  );
}
