/** Why a home is covered, not covered or unknown, in words; the way there is drawn on the map. */
import { categories, categoryNamed } from "../data/catalogue";
import { explanation } from "../data/explanations";
import { metres, minutes, t } from "../i18n";
import type { Explanation } from "../shared/api";
import { boundsOf, union } from "../shared/bounds";
import { say, title } from "../shared/lang";
import { bandLabel, GENERAL } from "./bands";
import { Choice } from "./coverage-panel";
import { sheet } from "./paint-state";
import { ProblemNote } from "./problem-note";
import { ruleText } from "./rule-text";
import * as state from "./state";
import { Swatch } from "./swatch";
import { TimeField } from "./time-field";
import { lookUp } from "./work";

export function HomeWhy() {
  const answer = explanation.state.value;
  const category = categoryNamed(state.category.value);
  return (
    <section class="why" aria-label={t("map.why.title")} aria-live="polite">
      <Choice
        label={t("map.why.category")}
        value={state.category.value ?? ""}
        options={[
          ...(category ? [] : [{ value: "", label: t("map.why.choose") }]),
          ...categories.value.map(({ code, label }) => ({ value: code, label: title(label) })),
        ]}
        onChange={(value) => {
          state.category.value = value || null;
        }}
      />
      <TimeField
        value={state.time.value}
        onChange={(at) => {
          state.time.value = at;
        }}
      />
      {!GENERAL.includes(state.band.value) && (
        <p class="hint">{t("map.results.of_band", { band: bandLabel(state.band.value) })}</p>
      )}
      {answer.status === "loading" && <p>{t("map.why.loading")}</p>}
      {answer.status === "failed" && <ProblemNote problem={answer.problem} retry={lookUp} />}
      {answer.status === "ready" && <Why found={answer.value} />}
    </section>
  );
}

function showWay({ route, building }: Explanation): void {
  const way = route && boundsOf(route);
  if (way) state.focus.value = union(way, [building.lon, building.lat, building.lon, building.lat]);
}

function Why({ found }: { found: Explanation }) {
  const style = sheet.value?.coverage.states.find(({ code }) => code === found.state);
  return (
    <>
      <p class={`state state-${found.state}`}>
        {style && <Swatch symbol={style.symbol} kind="area" />}
        <strong>{title(style?.label)}</strong>
      </p>
      <ol class="words">
        {found.words.map((words) => (
          <li key={words.en}>{say(words)}</li>
        ))}
      </ol>
      {found.route && (
        <button type="button" onClick={() => showWay(found)}>
          {t("map.why.show")}
        </button>
      )}
      <dl class="fields">
        {found.facility && (
          <div>
            <dt>{t("map.why.nearest")}</dt>
            <dd>
              <button
                type="button"
                class="link"
                onClick={() =>
                  found.facility && state.select({ kind: "feature", layer: "facilities", code: found.facility.code })
                }
              >
                {found.facility.name ?? found.facility.code}
              </button>
            </dd>
          </div>
        )}
        {found.metres !== null && (
          <div>
            <dt>{t("map.why.distance")}</dt>
            <dd>{metres(found.metres)}</dd>
          </div>
        )}
        {found.seconds !== null && (
          <div>
            <dt>{t("map.why.time")}</dt>
            <dd>{minutes(found.seconds)}</dd>
          </div>
        )}
        {found.snap && (
          <div>
            <dt>{t("map.why.leg")}</dt>
            <dd>{metres(found.snap.leg_m)}</dd>
          </div>
        )}
        <div>
          <dt>{t("map.why.rule")}</dt>
          <dd>{ruleText(found.limit, found.profile, state.time.value)}</dd>
        </div>
      </dl>
    </>
  );
}
