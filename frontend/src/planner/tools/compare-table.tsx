/** What differs between two coverage results, one row an area or grid. */
import { number, percent } from "../../i18n";
import { capital } from "../../shared/lang";
import { byLabel } from "../by-options";
import { focusQuietly } from "../focus";
import { MoreRows, useMost } from "./most-rows";
import type { Side } from "./side-by-side";
import { t } from "./texts";

export function CompareTable({ sides, by }: { sides: readonly Side[]; by: string }) {
  const most = useMost();
  const layer = by.includes("grid") ? "grids" : "areas";
  return (
    <div class="table-frame">
      <table class="results">
        <caption>{t("tools.compare.caption", { by: byLabel(by), count: number(sides.length) })}</caption>
        <thead>
          <tr>
            <th scope="col" class="plain">
              {capital(byLabel(by))}
            </th>
            {(["a", "b", "difference"] as const).map((column) => (
              <th key={column} scope="col" class="plain">
                {t(`tools.compare.column_${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sides.slice(0, most.value).map(({ code, name, a, b, difference }) => (
            <tr key={code}>
              <th scope="row">
                <button type="button" class="link" onClick={() => void focusQuietly(layer, code)}>
                  {name ?? code}
                </button>
              </th>
              <td class="number">{percent(a)}</td>
              <td class="number">{percent(b)}</td>
              <td class="number">
                <strong>{points(difference)}</strong>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <MoreRows most={most} total={sides.length} />
    </div>
  );
}

const points = (difference: number | null): string =>
  difference === null
    ? "–"
    : `${difference > 0 ? "+" : difference < 0 ? "−" : ""}${number(Math.abs(difference) * 100, 1)}`;
