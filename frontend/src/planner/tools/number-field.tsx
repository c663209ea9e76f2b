/** A number asked for; what is no number or out of range is not taken over and says so. */
import { useSignal } from "@preact/signals";
import { t } from "./texts";

interface Asked {
  label: string;
  value: string;
  least: number;
  most: number;
  isWhole?: boolean;
  /** May be left empty. */
  isOptional?: boolean;
  unit?: string;
  onChange: (value: string) => void;
}

export function NumberField({ label, value, least, most, isWhole, isOptional, unit, onChange }: Asked) {
  const refused = useSignal(false);
  return (
    <label class="choice">
      <span>
        {label}
        {unit && <small> {unit}</small>}
      </span>
      <input
        type="number"
        inputMode={isWhole ? "numeric" : "decimal"}
        min={least}
        max={most}
        step={isWhole ? 1 : "any"}
        value={value}
        aria-invalid={refused.value}
        onChange={(event) => {
          const said = event.currentTarget.value.trim();
          const number = Number(said);
          const fits =
            said === ""
              ? Boolean(isOptional) && !event.currentTarget.validity.badInput
              : number >= least && number <= most && (!isWhole || Number.isInteger(number));
          refused.value = !fits;
          if (fits) onChange(said === "" ? "" : String(number));
        }}
      />
      {refused.value && <small role="alert">{t("tools.number", { least, most })}</small>}
    </label>
  );
}
