/** What narrows the view: area level, category, circle, reason, how binding; all undone by one button. */
import { capital, say, title } from "../shared/lang";
import { ready } from "../shared/loadable";
import { CIRCLES, hasLimit, type Look, OWN_LIMITS, START } from "./address";
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

interface Chip {
  label: string;
  undo: Partial<Look>;
}

/** What narrows this view: also what was chosen in another one and goes on here. */
function activeOf(now: BoardOf, all: Option[]): Chip[] {
  const { view, category, circle, reason, binding, late } = look.value;
  const chips: Chip[] = [];
  if (category !== null && view !== "matrix" && view !== "projects")
    chips.push({ label: all.find(({ value }) => value === category)?.label ?? category, undo: { category: null } });
  if (hasLimit(view) && circle !== START.circle) {
    const label = circle === OWN_LIMITS ? t("board.filter.own_limits") : t("board.filter.minutes", { minutes: circle });
    chips.push({ label, undo: { circle: START.circle } });
  }
  if (reason !== null && (view === "gaps" || view === "problems"))
    chips.push({ label: capital(say(now.choices.reason?.[reason])), undo: { reason: null } });
  if (binding !== null && (view === "short" || view === "problems"))
    chips.push({ label: capital(say(now.choices.binding?.[binding])), undo: { binding: null } });
  if (late !== null && view === "projects") chips.push({ label: t("board.filter.late"), undo: { late: null } });
  return chips;
}

function Active({ chips }: { chips: Chip[] }) {
  if (chips.length === 0) return null;
  return (
    <p class="active">
      <span>{t("board.filter.active")}</span>
      {chips.map(({ label, undo }) => (
        <button
          key={label}
          type="button"
          class="chip"
          aria-label={t("board.filter.remove", { what: label })}
          onClick={() => go({ ...undo, chosen: null })}
        >
          {label} <span aria-hidden="true">×</span>
        </button>
      ))}
    </p>
  );
}

const labelled = (choices: BoardOf["choices"], kind: string): Option[] =>
  Object.entries(choices[kind] ?? {}).map(([value, label]) => ({ value, label: capital(say(label)) }));

export function Filters({ now }: { now: BoardOf }) {
  const { view, category, circle, reason, binding, by } = look.value;
  const hasCategory = view !== "matrix" && view !== "projects";
  const all = (ready(categories.state.value) ?? []).map(({ code, label }) => ({ value: code, label: title(label) }));
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
      {hasLimit(view) && (
        <Choice
          label={t("board.filter.circle")}
          value={String(circle)}
          options={[
            ...CIRCLES.map((minutes) => ({ value: String(minutes), label: t("board.filter.minutes", { minutes }) })),
            { value: String(OWN_LIMITS), label: t("board.filter.own_limits") },
          ]}
          onChange={(value) => go({ circle: Number(value), chosen: null })}
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
      {view === "projects" && (
        <Choice
          label={t("board.filter.deadline")}
          value={look.value.late ?? ""}
          options={[
            { value: "", label: t("board.filter.all_projects") },
            { value: "1", label: t("board.filter.late") },
          ]}
          onChange={(value) => go({ late: value || null, chosen: null })}
        />
      )}
      {view === "overview" && circle === OWN_LIMITS && category === null && (
        <p class="hint">{t("board.filter.own_in_gaps")}</p>
      )}
      {view === "problems" && <p class="hint">{t("board.filter.problems_limit")}</p>}
      <Active chips={activeOf(now, all)} />
      {(view === "gaps" || view === "problems") && <Weights choices={now.choices} />}
    </fieldset>
  );
}
