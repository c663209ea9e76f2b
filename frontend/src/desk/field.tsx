/** A labelled input. */
import type { InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";

interface Input {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  type?: "text" | "password" | "number" | "date" | "search";
  autoComplete?: string;
  inputMode?: string;
  maxLength?: number;
  min?: string;
  max?: string;
  required?: boolean;
  autoFocus?: boolean;
}

export function Field({ label, value, onValue, hint, ...input }: Input) {
  const id = useId();
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...(input as InputHTMLAttributes)}
        id={id}
        value={value}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface Choice<T extends string> {
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  onValue: (value: T) => void;
}

export function Choices<T extends string>({ label, value, choices, onValue }: Choice<T>) {
  const id = useId();
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.currentTarget.value as T)}>
        {choices.map(([code, name]) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
