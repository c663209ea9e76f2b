/** Fields that are more than one plain control: several choices, JSON, the code of another thing. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type FormField, rowOf } from "../../data/editing";
import * as session from "./session";
import { t } from "./texts";

export interface Given {
  field: FormField;
  id: string;
  describedBy: string;
  why: string | undefined;
}

export function Several({ field, id, describedBy }: Given) {
  const value = session.given(field.name);
  const chosen = Array.isArray(value) ? (value as string[]) : [];
  return (
    <div class="edit-several" role="group" aria-labelledby={`${id}-label`} aria-describedby={describedBy}>
      {field.choices?.map(({ code, label }) => (
        <label key={code}>
          <input
            type="checkbox"
            id={`${id}-${code}`}
            disabled={!field.editable}
            checked={chosen.includes(code)}
            onChange={({ currentTarget }) => {
              const next = (field.choices ?? [])
                .map((one) => one.code)
                .filter((one) => (one === code ? currentTarget.checked : chosen.includes(one)));
              session.setValue(field.name, next.length > 0 ? next : null);
            }}
          />
          {label}
        </label>
      ))}
    </div>
  );
}

export function JsonField({ field, id, describedBy, why }: Given) {
  const value = session.given(field.name);
  const typed = useSignal<string | null>(null);
  const shown = typed.value ?? (value === null || value === undefined ? "" : JSON.stringify(value, null, 1));
  return (
    <textarea
      id={id}
      rows={3}
      spellcheck={false}
      class="edit-code"
      disabled={!field.editable}
      value={shown}
      aria-describedby={describedBy}
      aria-invalid={why ? "true" : undefined}
      onInput={({ currentTarget }) => {
        typed.value = currentTarget.value;
      }}
      onChange={({ currentTarget }) => {
        try {
          session.setValue(field.name, currentTarget.value.trim() === "" ? null : JSON.parse(currentTarget.value));
          typed.value = null;
        } catch {
          session.faults.value = { ...session.faults.peek(), [field.name]: t("edit.wrong.json") };
        }
      }}
    />
  );
}

/** A code of another thing; says whose it is, or that there is none. */
export function ReferenceField({ field, id, describedBy, why }: Given) {
  const value = session.given(field.name);
  const text = value === null || value === undefined ? "" : String(value);
  const name = useSignal("");
  const look = async (code: string) => {
    name.value = "";
    if (!code || !field.refers_to) return;
    try {
      const { properties } = await rowOf(field.refers_to, code);
      name.value = String(properties.name ?? properties.address ?? properties.code);
    } catch {
      name.value = t("edit.reference_none");
    }
  };
  useEffect(() => void look(text), [session.row.value]);
  return (
    <>
      <input
        id={id}
        type="text"
        autocomplete="off"
        disabled={!field.editable}
        value={text}
        aria-describedby={`${id}-name ${describedBy}`}
        aria-invalid={why ? "true" : undefined}
        onInput={({ currentTarget }) => session.setValue(field.name, currentTarget.value.trim() || null, true)}
        onChange={({ currentTarget }) => void look(currentTarget.value.trim())}
      />
      <small id={`${id}-name`} role="status">
        {name.value}
      </small>
    </>
  );
}
