/** Choose what is looked at: category, limit, profile, division. Choosing starts the run. */
import { BY_AGE, categories, circles } from "../data/catalogue";
import { coverage } from "../data/coverage";
import { metres, t } from "../i18n";
import { capital, say, title } from "../shared/lang";
import { isNarrow } from "../shared/narrow";
import { lazy } from "../shell/lazy";
import { bandLabel, bandsSaid, CHOICES } from "./bands";
import { byOptions } from "./by-options";
import { CategoryOverview } from "./category-overview";
import { ProblemNote } from "./problem-note";
import * as state from "./state";
import { TimeField } from "./time-field";
import { WalkerChoice } from "./walker-choice";
import { isReader, runCoverage } from "./work";

/** Analyses that ask within their own limit, whatever coverage is asked for. */
const OWN_LIMIT: Partial<Record<state.ToolName, true>> = {
  gaps: true,
  checklist: true,
  capacity: true,
  siting: true,
  scenario: true,
  compare: true,
};
const MINUTES = [5, 10, 15, 20, 30];

export function CoveragePanel() {
  return (
    <div class="stack">
      <h2>{t("map.coverage.title")}</h2>
      <p class="hint">{t("map.coverage.hint")}</p>
      <CategoryChoice />
      {isReader.value ? <KeptChoice /> : <LimitChoice />}
      {state.tool.value && state.tool.value.name in OWN_LIMIT && (
        <p class="hint">{t("map.coverage.own_limit", { tool: t(`map.tool.${state.tool.value.name}`) })}</p>
      )}
      {!isReader.value && <WalkerChoice note={profileNote()} />}
      <Choice
        label={t("map.results.band")}
        value={state.band.value}
        options={CHOICES.map((value) => ({ value, label: capital(bandLabel(value)) }))}
        note={
          bandsSaid(state.category.value) && state.by.value === "building" ? t("map.coverage.band_note") : undefined
        }
        onChange={(value) => {
          state.band.value = value;
        }}
      />
      {!isReader.value && <DivisionAndTime />}
      {isNarrow.value && <Progress />}
      <CategoryOverview />
    </div>
  );
}

/** What who may only read chooses among, in place of what is computed. */
const KeptChoice = lazy(() => import("./kept-choice"));

function DivisionAndTime() {
  return (
    <>
      <Choice
        label={t("map.coverage.by")}
        value={state.by.value}
        options={byOptions(state.by.value)}
        onChange={(value) => {
          state.by.value = value;
        }}
      />
      <TimeField
        value={state.time.value}
        onChange={(at) => {
          state.time.value = at;
        }}
      />
    </>
  );
}

function profileNote(): string | undefined {
  if (state.limit.value.kind === "circle") return t("map.coverage.profile_note");
  return state.profile.value === BY_AGE ? t("map.coverage.by_age_note") : undefined;
}

function CategoryChoice() {
  const options = categories.value.map(({ code, label, count }) => ({
    value: code,
    label: `${title(label)} (${count})`,
  }));
  return (
    <Choice
      label={t("map.coverage.category")}
      value={state.category.value ?? ""}
      options={[{ value: "", label: t("map.coverage.none") }, ...options]}
      onChange={(value) => state.lookAt(value || null, isNarrow.peek())}
    />
  );
}

function LimitChoice() {
  const { kind, minutes, strict = false } = state.limit.value;
  const set = (chosen: state.Limit) => {
    state.limit.value = chosen;
  };
  return (
    <fieldset class="limit">
      <legend>{t("map.coverage.limit")}</legend>
      <div class="segments">
        {(["circle", "minutes"] as const).map((option) => (
          <label key={option} class={option === kind ? "is-on" : ""}>
            <input
              type="radio"
              name="limit-kind"
              checked={option === kind}
              onChange={() => set({ kind: option, minutes: [5, 10, 15].includes(minutes) ? minutes : 15 })}
            />
            {t(`map.coverage.kind_${option}`)}
          </label>
        ))}
      </div>
      <div class="segments">
        {(kind === "circle" ? circleOptions() : MINUTES.map(timeOption)).map(({ chosen, label, distance }) => {
          const isOn = chosen.minutes === minutes && (chosen.strict ?? false) === strict;
          return (
            <label key={`${chosen.minutes}${chosen.strict ?? ""}`} class={isOn ? "is-on" : ""}>
              <input type="radio" name="limit-minutes" checked={isOn} onChange={() => set(chosen)} />
              <span>
                {label}
                {distance !== undefined && <small> {metres(distance)}</small>}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

interface LimitOption {
  chosen: state.Limit;
  label: string;
  distance?: number;
}

const timeOption = (minutes: number): LimitOption => ({
  chosen: { kind: "minutes", minutes },
  label: t("map.unit.minutes", { minutes }),
});

/** The living circles, each followed by its stricter distance where it has one. */
const circleOptions = (): LimitOption[] =>
  circles.value.flatMap(({ minutes, distance_m, stricter_distance_m }) => {
    const chosen: state.Limit = { kind: "circle", minutes };
    const usual = { chosen, label: t("map.unit.minutes", { minutes }), distance: distance_m };
    if (stricter_distance_m === null) return [usual];
    const label = t("map.coverage.strict", { minutes });
    return [usual, { chosen: { ...chosen, strict: true }, label, distance: stricter_distance_m }];
  });

interface ChoiceProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  note?: string;
  onChange: (value: string) => void;
}

export function Choice({ label, value, options, note, onChange }: ChoiceProps) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange((event.currentTarget as HTMLSelectElement).value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
      {note && <small>{note}</small>}
    </label>
  );
}

export function Progress() {
  const now = coverage.value;
  if (now.status === "failed") return <ProblemNote problem={now.problem} retry={() => void runCoverage()} />;
  if (now.status !== "running") return null;
  return (
    <div class="progress" role="status">
      <label>
        {say(now.message) || t("map.coverage.running")}
        <progress max={1} value={now.progress ?? undefined} />
      </label>
    </div>
  );
}
