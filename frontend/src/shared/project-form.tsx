/** The form of a new project: what, who, by when. What is known of it already is filled in by whoever opens it. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { isFocusLost } from "./kept-focus";
import { type Bilingual, capital, say } from "./lang";
import { asProblem } from "./loadable";
import { draftOf, dropDraft, keepDraft } from "./project-draft";
import { t } from "./project-texts";
import type { Problem } from "./request";
import { newKey } from "./send-file";
import "./project-form.css";

export interface Draft {
  name: string;
  kind: string;
  responsible_unit: string;
  deadline_on: string;
  planned_yuan: string;
  description: string;
}

/** What the form asks for, as it is kept. */
export type Filled = Omit<Draft, "planned_yuan"> & { planned_yuan: number | null };

interface Asked {
  draft: Draft;
  /** Where what is written is kept until it is saved or given up ({@link draftKey}). */
  keptAs: string;
  kinds: Record<string, Bilingual> | null | undefined;
  /** Keeps the project and gives its code; the same key sent twice makes one. */
  keep: (filled: Filled, key: string) => Promise<string>;
  Fault: (shown: { problem: Problem }) => preact.JSX.Element;
  /** What is shown in place of the form once it is kept. */
  saved: (code: string, name: string) => preact.JSX.Element;
  onClose: () => void;
}

/** Of the sentence at the field that does not do: one at a time. */
const LACK = "project-lacking";

/** Without these a project is nobody's and for no day: in the order in which they stand. */
const MUST = ["name", "responsible_unit", "deadline_on"] as const;
type Must = (typeof MUST)[number];

const LACKING = {
  name: "project.lacks_name",
  responsible_unit: "project.lacks_unit",
  deadline_on: "project.lacks_deadline",
} as const;

/** What does not do of a draft on a day, the first of it: a field and the sentence about it. */
export function faultOf(draft: Draft, today: string): Wrong | null {
  const empty = MUST.find((field) => !draft[field].trim());
  if (empty) return { field: empty, said: t(LACKING[empty]) };
  if (draft.deadline_on < today)
    return { field: "deadline_on", said: t("project.deadline_past", { date: draft.deadline_on }) };
  const planned = Number(draft.planned_yuan);
  if (!(planned >= 0 && planned <= MOST_YUAN))
    return {
      field: "planned_yuan",
      said: t(planned < 0 ? "project.negative" : "project.no_amount", { field: t("project.planned") }),
    };
  return null;
}

interface Wrong {
  field: Must | "planned_yuan";
  said: string;
}

/** More than any project costs: what is typed beyond is a slip of the finger. */
const MOST_YUAN = 1e12;

function today(): string {
  const now = new Date();
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}

export function ProjectForm({ draft: first, keptAs, kinds, keep, Fault, saved, onClose }: Asked) {
  const draft = useSignal<Draft>(draftOf(keptAs) ?? first);
  const sending = useSignal<{ busy: boolean; problem: Problem | null }>({ busy: false, problem: null });
  const wrong = useSignal<Wrong | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const key = useSignal(newKey());
  const code = useSignal<string | null>(null);
  const change = (part: Partial<Draft>) => {
    draft.value = { ...draft.value, ...part };
    keepDraft(keptAs, draft.value);
    if (wrong.value !== null && wrong.value.field in part) wrong.value = null;
  };
  const save = async (event: Event) => {
    event.preventDefault();
    if (sending.peek().busy) return;
    const { name, responsible_unit, deadline_on, planned_yuan, ...rest } = draft.value;
    wrong.value = faultOf(draft.value, today());
    if (wrong.value !== null) {
      form.current?.querySelector<HTMLInputElement>(`[name="${wrong.value.field}"]`)?.focus();
      return;
    }
    sending.value = { busy: true, problem: null };
    try {
      const filled = {
        ...rest,
        name: name.trim(),
        responsible_unit: responsible_unit.trim(),
        deadline_on,
        planned_yuan: planned_yuan === "" ? null : Number(planned_yuan),
      };
      code.value = await keep(filled, key.value);
      dropDraft(keptAs);
      sending.value = { busy: false, problem: null };
    } catch (error) {
      sending.value = { busy: false, problem: asProblem(error) };
    }
  };
  const isSaved = code.value !== null;
  const result = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // opened in place of the button that was pressed, and told of in place of the form
    if (isFocusLost()) (result.current ?? form.current?.querySelector("input"))?.focus();
  }, [isSaved]);
  if (code.value !== null)
    return (
      <div ref={result} tabIndex={-1}>
        {saved(code.value, draft.value.name)}
      </div>
    );
  const { busy, problem } = sending.value;
  const checked = (name: Wrong["field"]) => ({
    name,
    "aria-invalid": wrong.value?.field === name,
    "aria-describedby": wrong.value?.field === name ? LACK : undefined,
  });
  const must = (name: Must) => ({ ...checked(name), required: true });
  const lack = (name: Wrong["field"]) =>
    wrong.value?.field === name && (
      <strong class="lacking" id={LACK} role="alert">
        {wrong.value.said}
      </strong>
    );
  return (
    <form
      ref={form}
      class="project"
      aria-label={t("project.title")}
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose(); // what was typed stays for the next time
      }}
      noValidate
    >
      <label>
        <span>{t("project.must", { field: t("project.name") })}</span>
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
        <span>{t("project.kind")}</span>
        <select value={draft.value.kind} onChange={(event) => change({ kind: event.currentTarget.value })}>
          {Object.entries(kinds ?? {}).map(([code, label]) => (
            <option key={code} value={code} selected={code === draft.value.kind}>
              {capital(say(label))}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t("project.must", { field: t("project.unit") })}</span>
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
        <span>{t("project.must", { field: t("project.deadline") })}</span>
        <input
          type="date"
          min={today()}
          {...must("deadline_on")}
          value={draft.value.deadline_on}
          onInput={(event) => change({ deadline_on: event.currentTarget.value })}
        />
        {lack("deadline_on")}
      </label>
      <label>
        <span>{t("project.planned")}</span>
        <input
          type="number"
          min="0"
          {...checked("planned_yuan")}
          value={draft.value.planned_yuan}
          onInput={(event) => change({ planned_yuan: event.currentTarget.value })}
        />
        {lack("planned_yuan")}
      </label>
      <label>
        <span>{t("project.description")}</span>
        <textarea
          maxLength={4000}
          rows={4}
          value={draft.value.description}
          onInput={(event) => change({ description: event.currentTarget.value })}
        />
      </label>
      {problem && <Fault problem={problem} />}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={busy}>
          {busy ? t("project.saving") : t("project.save")}
        </button>
        <button
          type="button"
          onClick={() => {
            dropDraft(keptAs);
            onClose();
          }}
        >
          {t("project.cancel")}
        </button>
      </div>
    </form>
  );
}
