/** What lies inside: counts, a table, files of the same filter, and circles of the facilities. */
import { useSignal } from "@preact/signals";
import { categoryNamed, layerNamed } from "../../data/catalogue";
import { MOST_POINTS } from "../../data/circles";
import { fileOf, type Inside, LONGEST_FILE } from "../../data/selection";
import { number } from "../../i18n";
import type { LayerFeature } from "../../shared/api";
import { say, title } from "../../shared/lang";
import { asProblem } from "../../shared/loadable";
import type { Problem } from "../../shared/request";
import { saveFile } from "../../shared/save-file";
import { Choice } from "../coverage-panel";
import { calledOf } from "../names";
import { CircleChoices, CirclesFound } from "../place-circles";
import { ProblemNote } from "../problem-note";
import * as state from "../state";
import { asked, show } from "./follow";
import { MoreRows, useMost } from "./most-rows";
import { may } from "./run-box";
import * as now from "./select-state";
import { t } from "./select-texts";

export const labelOf = (layer: string): string => title(layerNamed(layer)?.label);

export function Selected() {
  const answer = now.found.state.value;
  const listed = now.listed.value;
  const some = now.all.value.filter(({ total }) => total > 0);
  return (
    <section aria-label={t("select.found")} aria-busy={answer.status === "loading"}>
      {answer.status === "failed" && <ProblemNote problem={answer.problem} />}
      {answer.status === "ready" && (
        <p class="rule" role="status">
          {some.length === 0
            ? t("select.none")
            : some
                .map(({ layer, total }) => t("select.count", { layer: labelOf(layer), count: number(total) }))
                .join(" · ")}
        </p>
      )}
      {some.length > 1 && listed && (
        <Choice
          label={t("select.list")}
          value={listed.layer}
          options={some.map(({ layer }) => ({ value: layer, label: labelOf(layer) }))}
          onChange={(layer) => state.ask({ list: layer })}
        />
      )}
      {listed && <Files key={listed.layer} of={listed} />}
      {listed && <Table key={listed.layer} of={listed} />}
    </section>
  );
}

function Files({ of }: { of: Inside }) {
  const sending = useSignal<{ busy: boolean; problem: Problem | null }>({ busy: false, problem: null });
  const filter = now.filters.value.find(({ layer }) => layer === of.layer);
  if (!may("export") || !filter) return null;
  if (of.total > LONGEST_FILE) return <p class="hint">{t("select.too_long", { most: number(LONGEST_FILE) })}</p>;
  const make = async (format: "xlsx" | "geojson") => {
    sending.value = { busy: true, problem: null };
    try {
      const bytes = await fileOf(filter, format);
      if (bytes) saveFile(new Blob([bytes]), `${labelOf(of.layer)}.${format}`);
      sending.value = { busy: false, problem: null };
    } catch (error) {
      sending.value = { busy: false, problem: asProblem(error) };
    }
  };
  return (
    <div class="actions" role="group" aria-label={t("select.save", { layer: labelOf(of.layer) })}>
      <span>{t("select.save", { layer: labelOf(of.layer) })}</span>
      {(["xlsx", "geojson"] as const).map((format) => (
        <button key={format} type="button" disabled={sending.value.busy} onClick={() => void make(format)}>
          {t(`select.save_${format}`)}
        </button>
      ))}
      {sending.value.problem && <ProblemNote problem={sending.value.problem} />}
    </div>
  );
}

function Table({ of: { layer, total, features } }: { of: Inside }) {
  const most = useMost();
  const hasPeople = features.some(({ properties }) => properties.residents_persons != null);
  return (
    <>
      {total > features.length && (
        <p class="note">{t("select.first", { shown: number(features.length), total: number(total) })}</p>
      )}
      <div class="table-frame">
        <table class="results">
          <caption>{t("select.caption", { layer: labelOf(layer), count: number(total) })}</caption>
          <thead>
            <tr>
              {(["name", "kind", ...(hasPeople ? (["people"] as const) : [])] as const).map((column) => (
                <th key={column} scope="col" class="plain">
                  {t(`select.column_${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {features.slice(0, most.value).map((feature) => (
              <Row key={String(feature.properties.code)} layer={layer} feature={feature} hasPeople={hasPeople} />
            ))}
          </tbody>
        </table>
        <MoreRows most={most} total={features.length} />
      </div>
    </>
  );
}

function Row({ layer, feature, hasPeople }: { layer: string; feature: LayerFeature; hasPeople: boolean }) {
  const { code, residents_persons } = feature.properties;
  const key = `${layer}/${code}`;
  const isChosen = asked("thing") === key;
  return (
    <tr class={isChosen ? "is-chosen" : ""}>
      <th scope="row">
        <button
          type="button"
          class="link"
          aria-pressed={isChosen}
          onClick={() => {
            state.ask({ thing: key });
            show(feature.geometry);
          }}
        >
          {calledOf(feature.properties) ?? String(code)}
        </button>
      </th>
      <td>{kindOf(layer, feature)}</td>
      {hasPeople && <td class="number">{residents_persons == null ? "–" : number(Number(residents_persons))}</td>}
    </tr>
  );
}

/** What kind of thing it is, by the first choice its layer has. */
export function kindOf(layer: string, { properties }: LayerFeature): string {
  if (layer === "facilities") return say(categoryNamed(String(properties.category))?.label);
  for (const { key, kind, choice_labels } of layerNamed(layer)?.fields ?? []) {
    if (kind !== "choice" || !["kind", "use", "status", "category", "highway"].includes(key)) continue;
    const label = choice_labels?.[String(properties[key])];
    if (label) return say(label);
  }
  return "";
}

/** Circles of the selected facilities or the drawn points. */
export function CirclesOfThem() {
  const { count } = now.origins.value;
  const facilities = now.all.value.find(({ layer }) => layer === "facilities");
  if ((facilities?.total ?? 0) > MOST_POINTS)
    return <p class="hint">{t("select.circles_too_many", { most: number(MOST_POINTS) })}</p>;
  if (count === 0 || !may("analyse") || now.isDrawing.value) return null;
  const isOn = asked("circles") === "1";
  const answer = now.circles.state.value;
  const ask = t(now.way.value === "points" ? "select.circles_points" : "select.circles_of", {
    count: number(count),
  });
  return (
    <>
      <button type="button" aria-pressed={isOn} onClick={() => state.ask({ circles: isOn ? null : "1" })}>
        {isOn ? t("select.circles_end") : ask}
      </button>
      {isOn && <CircleChoices />}
      {answer.status === "failed" && <ProblemNote problem={answer.problem} />}
      {answer.status === "ready" && <CirclesFound circles={answer.value.circles} />}
    </>
  );
}
