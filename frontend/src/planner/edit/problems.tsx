/** Everything wrong with the grids or areas there are, as one list: seen on the map, mended in the editor. */
import { useEffect, useId, useRef } from "preact/hooks";
import { layerNamed } from "../../data/catalogue";
import type { ShapeProblem } from "../../data/editing";
import { number } from "../../i18n";
import { capital, say, title } from "../../shared/lang";
import { editing, mayWrite, openEditing } from "../edit-state";
import { ProblemNote } from "../problem-note";
import * as found from "./problems-state";
import { catalogues, type Key, t } from "./texts";

export function LayerProblems() {
  const now = editing.value;
  const layer = now?.layer ?? "grids";
  const answer = found.found.state.value;
  useEffect(() => void found.check(), [layer]);
  return (
    <>
      <p class="hint">{t("edit.problems_hint")}</p>
      <Which layer={layer} />
      {answer.status === "loading" && <p role="status">{t("edit.checking")}</p>}
      {answer.status === "failed" && <ProblemNote problem={answer.problem} retry={() => void found.check()} />}
      {answer.status === "ready" && <Found />}
    </>
  );
}

interface Choice {
  label: Key;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  choose: (value: string) => void;
}

function Select({ label, value, options, choose }: Choice) {
  const id = useId();
  return (
    <div class="choice">
      <label htmlFor={id}>{t(label)}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {options.map(([code, said]) => (
          <option key={code} value={code}>
            {said}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The choices of a field with their names, in order. */
function choicesOf(layer: string, key: string): [string, string][] {
  const labels = layerNamed(layer)?.fields.find((field) => field.key === key)?.choice_labels ?? {};
  return Object.entries(labels).map(([code, label]) => [code, capital(say(label))]);
}

function Which({ layer }: { layer: string }) {
  const isGrids = layer === "grids";
  const of = isGrids ? found.kind : found.level;
  const isDepartment = isGrids && found.kind.value === "department";
  const again = (change: () => void) => {
    change();
    void found.check();
  };
  return (
    <>
      <Select
        label="edit.problems_layer"
        value={layer}
        options={["grids", "areas"].map((name) => [name, title(layerNamed(name)?.label)])}
        choose={(name) => openEditing("problems", name)}
      />
      <Select
        label="edit.problems_of"
        value={of.value}
        options={choicesOf(layer, isGrids ? "kind" : "level")}
        choose={(value) => again(() => (of.value = value))}
      />
      {isDepartment &&
        (found.departments.value?.length === 0 ? (
          <p class="note">{t("edit.problems_departments_none")}</p>
        ) : (
          <Select
            label="edit.problems_department"
            value={found.department.value}
            options={(found.departments.value ?? []).map((name) => [name, name])}
            choose={(value) => again(() => (found.department.value = value))}
          />
        ))}
      <div class="edit-tools">
        <button type="button" onClick={() => void found.check()}>
          {t("edit.problems_again")}
        </button>
      </div>
    </>
  );
}

const kindText = (kind: string): string => {
  const key = `edit.problem.${kind}`;
  return key in catalogues.zh ? t(key as Key) : kind;
};

function Found() {
  const answer = found.found.state.value;
  if (answer.status !== "ready") return null;
  const { rows_count, problems_count, counts } = answer.value;
  const rows = number(rows_count);
  if (rows_count === 0) return <p role="status">{t("edit.problems_no_rows")}</p>;
  if (problems_count === 0)
    return (
      <p class="note note-good" role="status">
        {t("edit.problems_none", { rows })}
      </p>
    );
  const kinds = Object.entries(counts);
  return (
    <>
      <p role="status">
        {t("edit.problems_count", { rows, count: number(problems_count), shown: number(found.listed.value.length) })}
      </p>
      {kinds.length > 1 && (
        <Select
          label="edit.problems_only"
          value={found.only.value}
          options={[
            ["", t("edit.problems_all_kinds", { count: number(problems_count) })],
            ...kinds.map(([kind, count]): [string, string] => [
              kind,
              t("edit.problems_kind", { kind: kindText(kind), count: number(count) }),
            ]),
          ]}
          choose={(value) => {
            found.only.value = value;
            found.chosen.value = null;
          }}
        />
      )}
      <ol class="edit-problems edit-problems-all" aria-label={t("edit.problems_list")}>
        {found.listed.value.map((one, place) => (
          <One key={place} one={one} />
        ))}
      </ol>
    </>
  );
}

function One({ one }: { one: ShapeProblem }) {
  const line = useRef<HTMLLIElement>(null);
  const isChosen = found.chosen.value === one;
  useEffect(() => {
    if (isChosen) line.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const layer = one.layer ?? "";
  const codes = [one.ident, ...(one.others ?? [])].filter((code): code is string => Boolean(code));
  return (
    <li ref={line} class={isChosen ? "is-chosen" : ""}>
      {one.sentence}{" "}
      {one.geometry && (
        <button type="button" class="link" aria-pressed={isChosen} onClick={() => found.look(one)}>
          {t("edit.show")}
        </button>
      )}
      {mayWrite(layer) &&
        codes.map((code) => (
          <button
            key={code}
            type="button"
            class="link"
            onClick={() => {
              found.look(one);
              openEditing("edit", layer, code);
            }}
          >
            {t("edit.edit_one", { code })}
          </button>
        ))}
    </li>
  );
}
