/** What narrows the view: area level, category, circle, reason, how binding; all undone by one button. */
import { capital, say, title } from "../shared/lang";
import { ready } from "../shared/loadable";
import { CIRCLES, START } from "./address";
import { type BoardOf, categories } from "./data";
import { go, look } from "./state";
import { named, t } from "./texts";
import { Weights } from "./weights";

interface Option {
  value: string;
  label: string;
}

interface ChoiceProps {
  label: string;
  value: string;
  options: Option[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

const labelled = (choices: BoardOf["choices"], kind: string): Option[] =>
  Object.entries(choices[kind] ?? {}).map(([value, label]) => ({ value, label: capital(say(label)) }));

export function Filters({ now }: { now: BoardOf }) {
  const { view, category, circle, reason, binding, by } = look.value;
  const hasCategory = view !== "matrix" && view !== "projects";
  const all = (ready(categories.state.value) ?? []).map(({ code, label }) => ({ value: code, label: title(label) }));
  const isNarrowed = category !== null || circle !== START.circle || reason !== null || binding !== null;
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">{t("board.filter")}</legend>
      {view === "overview" && now.levels.length > 0 && (
        <Choice
          label={t("board.filter.by")}
          value={by ?? now.by ?? ""}
          options={now.levels.map((value) => ({ value, label: named("board.level", value) }))}
          onChange={(value) => go({ by: value, chosen: null })}
        />
      )}
      {hasCategory && (
        <Choice
          label={t("board.filter.category")}
          value={category ?? ""}
          options={[{ value: "", label: t("board.filter.all_categories") }, ...all]}
          onChange={(value) => go({ category: value || null, chosen: null })}
        />
      )}
      {view === "overview" && (
        <Choice
          label={t("board.filter.circle")}
          value={String(circle)}
          options={CIRCLES.map((minutes) => ({
            value: String(minutes),
            label: t("board.filter.minutes", { minutes }),
          }))}
          onChange={(value) => go({ circle: Number(value) })}
        />
      )}
      {(view === "gaps" || view === "problems") && (
        <Choice
          label={t("board.filter.reason")}
          value={reason ?? ""}
          options={[{ value: "", label: t("board.filter.all_reasons") }, ...labelled(now.choices, "reason")]}
          onChange={(value) => go({ reason: value || null, chosen: null })}
        />
      )}
      {(view === "short" || view === "problems") && (
        <Choice
          label={t("board.filter.binding")}
          value={binding ?? ""}
          options={[{ value: "", label: t("board.filter.all_bindings") }, ...labelled(now.choices, "binding")]}
          onChange={(value) => go({ binding: value || null, chosen: null })}
        />
      )}
      {isNarrowed && (
        <button
          type="button"
          onClick={() => go({ category: null, circle: START.circle, reason: null, binding: null, chosen: null })}
        >
          {t("board.filter.clear")}
        </button>
      )}
      {(view === "gaps" || view === "problems") && <Weights choices={now.choices} />}
    </fieldset>
  );
}
