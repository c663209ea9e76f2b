/** A project opened from a row: what, who, by when; the rest is filled in from the row. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { number } from "../i18n/format";
import { capital, say } from "../shared/lang";
import { asProblem, ready } from "../shared/loadable";
import type { Problem } from "../shared/request";
import { textOf } from "./cells";
import { type BoardOf, keepProject, layers, loadLayers, newKey, outlineOf, type Row } from "./data";
import { Fault } from "./fault";
import { go } from "./state";
import { t } from "./texts";
import { reload } from "./work";

/** Of the sentence at the field that is empty: one at a time. */
const LACK = "project-lacking";

interface Draft {
  name: string;
  kind: string;
  responsible_unit: string;
  deadline_on: string;
  planned_yuan: string;
  description: string;
}

/** Without these a project is nobody's and for no day: in the order in which they stand. */
const MUST = ["name", "responsible_unit", "deadline_on"] as const;
type Must = (typeof MUST)[number];

const LACKING = {
  name: "board.project.lacks_name",
  responsible_unit: "board.project.lacks_unit",
  deadline_on: "board.project.lacks_deadline",
} as const;

export function ProjectForm({ now, row, onClose }: { now: BoardOf; row: Row; onClose: () => void }) {
  const draft = useSignal<Draft>(draftOf(now, row));
  const sending = useSignal<{ busy: boolean; problem: Problem | null }>({ busy: false, problem: null });
  const lacking = useSignal<Must | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const key = useSignal(newKey());
  const saved = useSignal<string | null>(null);
  useEffect(() => {
    if (layers.state.peek().status === "idle") void loadLayers();
  }, []);
  const kinds = ready(layers.state.value)
    ?.find(({ name }) => name === "projects")
    ?.fields.find((field) => field.key === "kind")?.choice_labels;
  const change = (part: Partial<Draft>) => {
    draft.value = { ...draft.value, ...part };
    if (lacking.value !== null && lacking.value in part) lacking.value = null;
  };
  const save = async (event: Event) => {
    event.preventDefault();
    const { name, responsible_unit, deadline_on, planned_yuan, ...rest } = draft.value;
    lacking.value = MUST.find((field) => !draft.value[field].trim()) ?? null;
    if (lacking.value !== null) {
      form.current?.querySelector<HTMLInputElement>(`[name="${lacking.value}"]`)?.focus();
      return;
    }
    sending.value = { busy: true, problem: null };
    try {
      const geometry = row.here?.geometry ?? row.geometry ?? (await outlineOf("areas", row.area_code ?? ""));
      if (!geometry) throw new Error("the area has no outline");
      const code = await keepProject(
        {
          ...rest,
          name: name.trim(),
          responsible_unit: responsible_unit.trim(),
          deadline_on,
          planned_yuan: planned_yuan === "" ? null : Number(planned_yuan),
          source: sourceOf(now, row),
        },
        geometry,
        key.value,
      );
      saved.value = code;
      sending.value = { busy: false, problem: null };
      reload();
    } catch (error) {
      sending.value = { busy: false, problem: asProblem(error) };
    }
  };
  if (saved.value !== null)
    return (
      <div class="note" role="status">
        <p>{t("board.project.saved", { name: draft.value.name })}</p>
        <button type="button" onClick={() => go({ view: "projects", chosen: `projects/${saved.value}` })}>
          {t("board.do.see_projects")}
        </button>
      </div>
    );
  const { busy, problem } = sending.value;
  const must = (name: Must) => ({
    name,
    required: true,
    "aria-invalid": lacking.value === name,
    "aria-describedby": lacking.value === name ? LACK : undefined,
  });
  const lack = (name: Must) =>
    lacking.value === name && (
      <strong class="lacking" id={LACK} role="alert">
        {t(LACKING[name])}
      </strong>
    );
  return (
    <form
      ref={form}
      class="project"
      aria-label={t("board.project.title")}
      onSubmit={(event) => void save(event)}
      noValidate
    >
      <label>
        <span>{t("board.project.must", { field: t("board.project.name") })}</span>
        <input
          type="text"
          {...must("name")}
          maxLength={200}
          value={draft.value.name}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
        {lack("name")}
      </label>
      <label>
        <span>{t("board.project.kind")}</span>
        <select value={draft.value.kind} onChange={(event) => change({ kind: event.currentTarget.value })}>
          {Object.entries(kinds ?? {}).map(([code, label]) => (
            <option key={code} value={code}>
              {capital(say(label))}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t("board.project.must", { field: t("board.project.unit") })}</span>
        <input
          type="text"
          {...must("responsible_unit")}
          maxLength={100}
          value={draft.value.responsible_unit}
          onInput={(event) => change({ responsible_unit: event.currentTarget.value })}
        />
        {lack("responsible_unit")}
      </label>
      <label>
        <span>{t("board.project.must", { field: t("board.project.deadline") })}</span>
        <input
          type="date"
          {...must("deadline_on")}
          value={draft.value.deadline_on}
          onInput={(event) => change({ deadline_on: event.currentTarget.value })}
        />
        {lack("deadline_on")}
      </label>
      <label>
        <span>{t("board.project.planned")}</span>
        <input
          type="number"
          min="0"
          value={draft.value.planned_yuan}
          onInput={(event) => change({ planned_yuan: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>{t("board.project.description")}</span>
        <textarea
          maxLength={4000}
          rows={4}
          value={draft.value.description}
          onInput={(event) => change({ description: event.currentTarget.value })}
        />
      </label>
      {problem && <Fault problem={problem} />}
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {busy ? t("board.project.saving") : t("board.project.save")}
        </button>
        <button type="button" onClick={onClose}>
          {t("board.project.cancel")}
        </button>
      </div>
    </form>
  );
}

const isGap = (row: Row): boolean => row.category_code !== undefined;

function draftOf(now: BoardOf, row: Row): Draft {
  const area = row.here?.name ?? textOf(row.area_name);
  const subject = textOf(row.subject ?? row.category);
  const kind = isGap(row) ? "gaps" : "checklist";
  const as_of = now.analyses.find((one) => one.kind === kind)?.run?.as_of;
  const run = as_of ? t("board.project.run", { kind: t(`board.kind.${kind}`), as_of }) : "";
  const people = typeof row.people === "number" ? number(row.people) : t("board.withheld");
  const description = isGap(row)
    ? t(row.here ? "board.project.from_gap_here" : "board.project.from_gap", {
        area,
        here: row.here?.people == null ? t("board.withheld") : number(row.here.people),
        subject,
        people,
        reason: textOf(row.reason ?? row.why),
        rule: textOf(row.rule),
        run,
      })
    : t("board.project.from_short", { area, subject, said: textOf(row.said ?? row.why), run });
  return {
    name: t("board.project.default_name", { area: row.area_code === null ? "" : area, subject }).slice(0, 200),
    kind: "service_room",
    responsible_unit: "",
    deadline_on: "",
    planned_yuan: "",
    description: description.slice(0, 4000),
  };
}

/** What a project is against, so that lists find it again: `gap/<category>/<number> run …`. */
export function sourceOf(now: Pick<BoardOf, "analyses">, row: Row): string {
  const kind = isGap(row) ? "gap" : "short";
  const run = now.analyses.find((one) => one.kind === (isGap(row) ? "gaps" : "checklist"))?.run?.uid ?? "";
  return `${kind}/${row.key} run ${run}`.slice(0, 500);
}
