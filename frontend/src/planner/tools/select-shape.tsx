/** How the shape comes to be: drawn on the map, typed, or an area that is stored. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { areaNames, loadAreaNames } from "../../data/area-names";
import { summary } from "../../data/catalogue";
import { LEAST_CORNERS, MOST_CORNERS, WAYS } from "../../data/drawn-shape";
import { number } from "../../i18n";
import type { LonLat } from "../../shared/api";
import { ready } from "../../shared/loadable";
import { isNarrow } from "../../shared/narrow";
import { byOptions } from "../by-options";
import { Choice } from "../coverage-panel";
import { cornerOf, cornerText, isOnEarth } from "../edit/coordinates";
import { centreOf } from "../edit-state";
import * as state from "../state";
import { asked } from "./follow";
import * as now from "./select-state";
import { t } from "./select-texts";
import { t as say } from "./texts";

export function ShapeTools() {
  const way = now.way.value;
  return (
    <fieldset class="limit stack">
      <legend>{t("select.how_shape")}</legend>
      <div class="segments">
        {WAYS.map((option) => (
          <label key={option} class={option === way ? "is-on" : ""}>
            <input type="radio" name="select-way" checked={option === way} onChange={() => now.take(option)} />
            {t(`select.way_${option}`)}
          </label>
        ))}
      </div>
      {way === "area" ? <AreaChoice /> : <Drawing />}
      {(now.corners.value.length > 0 || asked("area")) && (
        <button type="button" onClick={now.clear}>
          {t("select.clear")}
        </button>
      )}
    </fieldset>
  );
}

function Drawing() {
  const way = now.way.value as "polygon" | "box" | "points";
  const set = now.corners.value;
  const isDrawing = now.isDrawing.value;
  const isWhole = set.length >= LEAST_CORNERS[way];
  return (
    <>
      <p>{t(`select.how_${way}`)}</p>
      {isDrawing && <p class="hint">{say("tools.pick_hint")}</p>}
      <div class="actions" aria-live="polite">
        {isDrawing ? (
          <button type="button" class="primary" disabled={!isWhole} onClick={() => now.draw(false)}>
            {t("select.done")}
          </button>
        ) : (
          <button type="button" class={set.length === 0 ? "primary" : ""} onClick={() => now.draw(true)}>
            {t(set.length === 0 ? "select.draw" : "select.more")}
          </button>
        )}
        {isDrawing && isNarrow.value && (
          <button type="button" onClick={() => now.add(centreOf.current())}>
            {t("select.here")}
          </button>
        )}
        <button type="button" disabled={set.length === 0} onClick={() => now.keep(set.slice(0, -1))}>
          {t("select.back")}
        </button>
        <span>{t("select.corners", { count: number(set.length) })}</span>
      </div>
      <Typed key={way} way={way} />
    </>
  );
}

/** Corners by typing: the way for the keyboard, and for places somebody wrote down. */
function Typed({ way }: { way: "polygon" | "box" | "points" }) {
  const text = useSignal(now.corners.peek().map(cornerText).join("\n"));
  const wrong = useSignal<string | null>(null);
  const use = () => {
    const lines = text.value.split(/\r?\n/).filter((line) => line.trim() !== "");
    const places = lines.map(cornerOf);
    const bad = places.findIndex((at) => at === null || !isOnEarth(at));
    const isFew = lines.length < LEAST_CORNERS[way];
    if (lines.length > MOST_CORNERS)
      wrong.value = t("select.too_many", { count: lines.length, most: number(MOST_CORNERS) });
    else wrong.value = bad >= 0 ? t("select.typed_wrong", { line: bad + 1 }) : isFew ? t("select.typed_few") : null;
    if (wrong.value !== null) return;
    now.draw(false);
    now.keep((places as LonLat[]).slice(0, way === "box" ? 2 : undefined));
  };
  return (
    <details>
      <summary>{t("select.typed")}</summary>
      <textarea
        rows={4}
        aria-label={t("select.typed")}
        aria-invalid={wrong.value !== null}
        placeholder={"112.1040, 30.8019\n112.1052, 30.8019\n112.1052, 30.8028"}
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          wrong.value = null;
        }}
      />
      {wrong.value !== null && <small role="alert">{wrong.value}</small>}
      <button type="button" onClick={use}>
        {t("select.typed_take")}
      </button>
    </details>
  );
}

function AreaChoice() {
  const levels = byOptions("community").filter(({ value }) => (summary.value?.levels ?? []).includes(value));
  const usual = levels.find(({ value }) => value === "community") ?? levels[levels.length - 1];
  const level = asked("level") ?? usual?.value ?? "community";
  useEffect(() => void loadAreaNames(level), [level]);
  const named = ready(areaNames.state.value) ?? [];
  const area = asked("area") ?? "";
  return (
    <div class="pair">
      <Choice
        label={t("select.area_level")}
        value={level}
        options={levels}
        onChange={(value) => state.ask({ level: value, area: null, circles: null })}
      />
      <Choice
        label={t("select.area")}
        value={area}
        options={[
          { value: "", label: say("tools.choose") },
          ...named.map(({ code, name }) => ({ value: code, label: name ?? code })),
        ]}
        onChange={(value) => state.ask({ level, area: value || null, circles: null })}
      />
    </div>
  );
}
