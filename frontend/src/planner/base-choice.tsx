/** Which base map lies under the data: our own, or one the office named. */
import { summary } from "../data/catalogue";
import { title } from "../shared/lang";
import { baseMap, chooseBase } from "./base-state";
import { t } from "./base-texts";
import * as state from "./state";

const STRENGTHS = { least: 10, most: 100, step: 10 };

export default function BaseChoice() {
  const now = baseMap.value;
  return (
    <fieldset class="layer-group">
      <legend>{t("base_maps.title")}</legend>
      <Choice label={t("base_maps.own")} code={null} />
      {summary.value?.base_maps.map(({ code, label }) => (
        <Choice key={code} label={title(label)} code={code} />
      ))}
      {now && (
        <>
          <label class="choice">
            <span>{t("base_maps.opacity")}</span>
            <input
              type="range"
              min={STRENGTHS.least}
              max={STRENGTHS.most}
              step={STRENGTHS.step}
              value={state.base.value?.strength ?? STRENGTHS.most}
              onInput={({ currentTarget }) => {
                state.base.value = { code: now.code, strength: Number(currentTarget.value) };
              }}
            />
          </label>
          <p class="hint">{t("base_maps.hint")}</p>
          {now.is_shifted && <p class="hint">{t("base_maps.shifted")}</p>}
        </>
      )}
    </fieldset>
  );
}

function Choice({ label, code }: { label: string; code: string | null }) {
  return (
    <label class="layer-toggle">
      <input
        type="radio"
        name="base"
        checked={(baseMap.value?.code ?? null) === code}
        onChange={() => chooseBase(code)}
      />
      <span>{label}</span>
    </label>
  );
}
