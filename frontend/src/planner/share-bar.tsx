/** Three shares as one bar; colours and patterns are those of the three states on the map. */

import type { Shares } from "../data/coverage";
import { sheet } from "./paint-state";

const PARTS = ["covered", "not_covered", "unknown"] as const;

export function ShareBar({ shares }: { shares: Shares }) {
  if (shares.covered === null) return <span class="bar bar-no-data" aria-hidden="true" />;
  return (
    <span class="bar" aria-hidden="true">
      {PARTS.map((part) => (
        <span
          key={part}
          class={`bar-part bar-${part}`}
          style={{ width: `${(shares[part] ?? 0) * 100}%`, backgroundColor: colourOf(part) }}
        />
      ))}
    </span>
  );
}

const colourOf = (part: (typeof PARTS)[number]): string =>
  sheet.value?.coverage.states.find(({ code }) => code === part)?.symbol.fill ?? "#999999";
