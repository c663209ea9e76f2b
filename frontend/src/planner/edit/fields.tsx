/** The form of a layer: every field by its kind, with its hint, its limits and what is wrong with it. */
import { useComputed } from "@preact/signals";
import { useId } from "preact/hooks";
import type { FormField } from "../../data/editing";
import { capital } from "../../shared/lang";
import { ProblemText } from "../problem-note";
import { type Given, JsonField, ReferenceField, Several } from "./field-kinds";
import * as keptDraft from "./kept-draft";
import * as session from "./session";
import { t } from "./texts";
import { localMoment, momentFrom, numberFrom } from "./typed-values";

export function Fields() {
  const form = session.form.value;
  if (!form) return null;
  return (
    <>
      {!session.row.value && <CodeField isRequired={form.code_required ?? false} />}
      {/* what is worked out is shown of what is there already */}
      {form.fields.map((field) => (session.row.value || field.editable) && <FieldOf key={field.name} field={field} />)}
      <Others known={form.fields.map(({ name }) => name)} />
    </>
  );
}

/** What is wrong with things that have no field of their own here. */
function Others({ known }: { known: readonly string[] }) {
  const others = Object.entries(session.faults.value).filter(
    ([field]) => !known.includes(field) && field !== "geometry" && field !== "code",
  );
  return (
    <>
      {others.map(([field, why]) => (
        <p key={field} class="note note-bad" role="alert">
          {why}
        </p>
      ))}
    </>
  );
}

function CodeField({ isRequired }: { isRequired: boolean }) {
  const id = useId();
  const why = session.faults.value.code;
  return (
    <div class="edit-field">
      <label htmlFor={id}>
        {t("edit.code")}
        {isRequired && <Needed />}
      </label>
      <input
        id={id}
        type="text"
        maxLength={64}
        value={session.isCodeTyped.value ? session.code.value : session.code.value || session.suggested.value}
        aria-invalid={why ? "true" : undefined}
        aria-describedby={`${id}-hint ${id}-why`}
        onInput={(event) => {
          session.setCode(event.currentTarget.value);
        }}
      />
      {!isRequired && (
        <small class="hint" id={`${id}-hint`}>
          {t("edit.code_hint")}
        </small>
      )}
      <Why id={id} why={why} />
    </div>
  );
}

const Needed = () => <span class="edit-needed"> {t("edit.needed")}</span>;

const Why = ({ id, why }: { id: string; why: string | undefined }) => (
  <span id={`${id}-why`} class="edit-why" role={why ? "alert" : undefined}>
    {why}
  </span>
);

const UNITS: Record<string, string> = { m: "m", m2: "m²", s: "s" };
const unitText = (unit: string): string =>
  unit === "persons" ? t("edit.unit.persons") : unit === "yuan" ? t("edit.unit.yuan") : (UNITS[unit] ?? unit);

function FieldOf({ field }: { field: FormField }) {
  const id = useId();
  const why = session.faults.value[field.name];
  const isChanged = useComputed(() => field.name in session.changes.value);
  const describedBy = [field.help && `${id}-hint`, `${id}-why`].filter(Boolean).join(" ");
  const given = { field, id, describedBy, why };
  const isGroup = field.kind === "choices";
  const label = (
    <>
      {capital(field.label)}
      {field.unit && !/[)）]$/.test(field.label) && <span class="edit-unit"> ({unitText(field.unit)})</span>}
      {field.required && <Needed />}
      {isChanged.value && <span class="edit-changed"> {t("edit.changed")}</span>}
    </>
  );
  return (
    <div class="edit-field">
      {isGroup ? (
        <span class="edit-label-text" id={`${id}-label`}>
          {label}
        </span>
      ) : (
        <label htmlFor={id}>{label}</label>
      )}
      <Control {...given} />
      {field.help && (
        <small class="hint" id={`${id}-hint`}>
          {field.help}
        </small>
      )}
      {field.is_personal && <small class="hint">{t("edit.personal")}</small>}
      <Why id={id} why={why} />
    </div>
  );
}

function Control(given: Given) {
  const { field, id, describedBy, why } = given;
  const value = session.given(field.name);
  const set = (next: unknown) => session.setValue(field.name, next);
  const typing = ({ currentTarget }: { currentTarget: { value: string } }) =>
    session.setValue(field.name, currentTarget.value || null, true);
  const common = {
    id,
    disabled: !field.editable || session.isSaving.value,
    "aria-describedby": describedBy,
    "aria-invalid": why ? ("true" as const) : undefined,
    "aria-required": field.required || undefined,
  };
  const text = value === null || value === undefined ? "" : String(value);
  const isUnknownNamed = field.choices?.some(({ code }) => code === "unknown") ?? false;
  switch (field.kind) {
    case "boolean":
      return (
        <select
          {...common}
          value={text}
          onChange={({ currentTarget }) => set(currentTarget.value === "" ? null : currentTarget.value === "true")}
        >
          {(!field.required || text === "") && <option value="">{t("edit.unknown")}</option>}
          <option value="true">{t("edit.yes")}</option>
          <option value="false">{t("edit.no")}</option>
        </select>
      );
    case "choice":
      return (
        <select {...common} value={text} onChange={({ currentTarget }) => set(currentTarget.value || null)}>
          {(!field.required || text === "") && (
            <option value="">
              {t(field.required ? "edit.choose" : isUnknownNamed ? "edit.left_empty" : "edit.unknown")}
            </option>
          )}
          {field.choices?.map(({ code, label }) => (
            <option key={code} value={code}>
              {label}
            </option>
          ))}
        </select>
      );
    case "choices":
      return <Several {...given} />;
    case "number":
    case "integer":
      return (
        <input
          {...common}
          type="text"
          inputMode={field.kind === "integer" ? "numeric" : "decimal"}
          autocomplete="off"
          value={text}
          onChange={({ currentTarget }) => set(numberFrom(currentTarget.value))}
        />
      );
    case "date":
      return (
        <input
          {...common}
          type="date"
          value={text}
          onChange={({ currentTarget }) => set(currentTarget.value || null)}
        />
      );
    case "moment":
      return (
        <input
          {...common}
          type="datetime-local"
          value={localMoment(text)}
          onChange={({ currentTarget }) => set(momentFrom(currentTarget.value))}
        />
      );
    case "json":
      return <JsonField {...given} />;
    case "reference":
      return <ReferenceField {...given} />;
    default:
      return field.is_long ? (
        <textarea {...common} rows={3} value={text} onInput={typing} />
      ) : (
        <input {...common} type="text" autocomplete="off" value={text} onInput={typing} />
      );
  }
}

export function Refusal() {
  const problem = session.problem.value;
  if (!problem) return null;
  const isAway = problem.status === 0 || problem.status >= 500;
  return (
    <div class="note note-bad" role="alert">
      <p>
        {session.faults.value.geometry ? (
          t("edit.refused_shape", { why: session.faults.value.geometry })
        ) : Object.keys(session.faults.value).length > 0 ? (
          t("edit.refused")
        ) : (
          <ProblemText problem={problem} />
        )}
      </p>
      {isAway && <p>{t(keptDraft.isDraftKept.value ? "edit.draft.kept" : "edit.draft.not_kept")}</p>}
    </div>
  );
}
