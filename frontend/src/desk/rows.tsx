/** Rows under headings: a table on a wide page, a card each on a phone, where a table would scroll sideways. */
import type { ComponentChildren } from "preact";
import { isNarrow } from "../shared/narrow";

export interface Row {
  key: string | number;
  /** One for each heading; the first says which row it is. */
  cells: ComponentChildren[];
  isChosen?: boolean;
}

interface Props {
  /** What the rows are of. */
  label: string;
  heads: string[];
  rows: Row[];
}

export function Rows(props: Props) {
  return isNarrow.value ? <Cards {...props} /> : <Table {...props} />;
}

function Table({ label, heads, rows }: Props) {
  return (
    <div class="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells, isChosen }) => (
            <tr key={key} aria-selected={isChosen}>
              {cells.map((cell, place) =>
                place === 0 ? (
                  <th key={place} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={place}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cards({ label, heads, rows }: Props) {
  return (
    <ul class="row-cards" aria-label={label}>
      {rows.map(({ key, cells, isChosen }) => (
        <li key={key} class={isChosen ? "is-chosen" : ""}>
          <strong>{cells[0]}</strong>
          <dl>
            {cells.slice(1).map(
              (cell, place) =>
                cell !== "" &&
                cell !== null && (
                  <div key={place}>
                    <dt>{heads[place + 1]}</dt>
                    <dd>{cell}</dd>
                  </div>
                ),
            )}
          </dl>
        </li>
      ))}
    </ul>
  );
}
