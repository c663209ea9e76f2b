/** What differs between two coverage results, one row an area or grid; what cannot be compared stands apart. */
import { number, percent } from "../../i18n";
import { capital } from "../../shared/lang";
import { byLabel } from "../by-options";
import { focusQuietly } from "../focus";
import { MoreRows, useMost } from "./most-rows";
import type { Side, SideShare } from "./side-by-side";
import { t } from "./texts";

interface Rows {
  sides: readonly Side[];
  by: string;
}

export function CompareTable({ sides, by }: Rows) {
  const told = sides.filter(({ difference }) => difference !== null);
  const others = sides.filter(({ difference }) => difference === null);
  return (
    <>
      {told.length > 0 && <Table sides={told} by={by} />}
      {others.length > 0 && <Table sides={others} by={by} isUntold />}
    </>
  );
}

function Table({ sides, by, isUntold = false }: Rows & { isUntold?: boolean }) {
  const most = useMost();
  const layer = by.includes("grid") ? "grids" : "areas";
  const caption = isUntold ? "tools.compare.caption_untold" : "tools.compare.caption";
  const columns = isUntold ? (["a", "b"] as const) : (["a", "b", "difference"] as const);
  return (
    <div class="table-frame">
      <table class="results">
        <caption>{t(caption, { by: byLabel(by), count: number(sides.length) })}</caption>
        <thead>
          <tr>
            <th scope="col" class="plain">
              {capital(byLabel(by))}
            </th>
            {columns.map((column) => (
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
              <td class="number">{shareText(a)}</td>
              <td class="number">{shareText(b)}</td>
              {difference !== null && (
                <td class="number">
                  <strong>{pointsText(difference)}</strong>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <MoreRows most={most} total={sides.length} />
    </div>
  );
}

/** A share in words: where none is told, why. */
export function shareText(share: SideShare): string {
  if (typeof share === "number") return percent(share);
  if (share === "withheld") return t("tools.withheld");
  return t(share === "unknown" ? "tools.unknown" : "tools.no_data");
}

/** A difference of shares in percentage points, with its sign. */
export const pointsText = (difference: number): string =>
  `${difference > 0 ? "+" : difference < 0 ? "−" : ""}${number(Math.abs(difference) * 100, 1)}`;
