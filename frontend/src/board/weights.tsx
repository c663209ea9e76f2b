/** How many people one of each age counts for in the ranking of gaps. */
import { useSignal } from "@preact/signals";
import { number } from "../i18n/format";
import { capital, lang, say } from "../shared/lang";
import type { BoardOf } from "./data";
import { go, look } from "./state";
import { t } from "./texts";

const PRESETS: { key: "equal" | "elders" | "children"; weights: Record<string, number> }[] = [
  { key: "equal", weights: {} },
  { key: "elders", weights: { "65_79": 2, "80_plus": 3 } },
  { key: "children", weights: { "0_2": 3, "3_5": 3, "6_11": 2 } },
];

/** Weights other than one, in the order of the bands. */
export const weightsOf = (bands: readonly string[], given: Record<string, string>): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const band of bands) {
    const weight = Number(given[band]);
    if (given[band] && Number.isFinite(weight) && weight >= 0 && weight <= 100 && weight !== 1) found[band] = weight;
  }
  return found;
};

export function Weights({ choices }: { choices: BoardOf["choices"] }) {
  const bands = Object.entries(choices.band ?? {});
  const used = look.value.weights;
  const given = useSignal<Record<string, string>>({});
  const said = bands
    .filter(([band]) => used[band] !== undefined)
    .map(([band, label]) => `${capital(say(label))} ${number(used[band] ?? 1, 2)}`);
  const apply = (weights: Record<string, number>) => {
    given.value = {};
    go({ weights, chosen: null });
  };
  return (
    <details class="weights">
      <summary>
        {said.length
          ? t("board.weights.used", { weights: said.join(lang.value === "zh" ? "、" : ", ") })
          : t("board.weights")}
      </summary>
      <p class="hint">{t("board.weights.hint")}</p>
      <div class="presets">
        {PRESETS.map(({ key, weights }) => (
          <button
            key={key}
            type="button"
            aria-pressed={JSON.stringify(weights) === JSON.stringify(used)}
            onClick={() => apply(weights)}
          >
            {t(`board.weights.${key}`)}
          </button>
        ))}
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const shown = Object.fromEntries(bands.map(([band]) => [band, given.value[band] ?? String(used[band] ?? 1)]));
          apply(
            weightsOf(
              bands.map(([band]) => band),
              shown,
            ),
          );
        }}
      >
        {bands.map(([band, label]) => (
          <label key={band}>
            <span>{capital(say(label))}</span>
            <input
              type="number"
              min="0"
              max="100"
              step="0.1"
              value={given.value[band] ?? String(used[band] ?? 1)}
              onInput={(event) => {
                given.value = { ...given.value, [band]: event.currentTarget.value };
              }}
            />
          </label>
        ))}
        <button type="submit">{t("board.weights.apply")}</button>
      </form>
    </details>
  );
}
