/** A time of day by which gates are open or shut; empty for all hours. */
import { t } from "../i18n";

export function TimeField({ value, onChange }: { value: string | null; onChange: (at: string | null) => void }) {
  return (
    <label class="choice">
      <span>{t("map.time.field")}</span>
      <input
        type="time"
        value={value ?? ""}
        onChange={({ currentTarget }) => onChange(/^\d\d:\d\d/.exec(currentTarget.value)?.[0] ?? null)}
      />
      <small>{t("map.time.note")}</small>
    </label>
  );
}
