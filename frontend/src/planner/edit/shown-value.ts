/** A value of a field as a person reads it. */
import type { FormField } from "../../data/editing";
import { moment, number } from "../../i18n";
import { t } from "./texts";

export function shownValue(field: FormField | undefined, value: unknown): string {
  if (value === null || value === undefined || value === "") return t("edit.empty");
  if (typeof value === "boolean") return t(value ? "edit.yes" : "edit.no");
  const labelOf = (code: unknown) => field?.choices?.find((one) => one.code === code)?.label ?? String(code);
  if (Array.isArray(value) && value.length > 0)
    return value.map(labelOf).reduce((first, rest) => t("edit.several", { first, rest }));
  if (typeof value === "object") return JSON.stringify(value);
  if (field?.kind === "choice") return labelOf(value);
  if (field?.kind === "moment") return moment(String(value));
  if (typeof value === "number" && field?.unit) return number(value, 2);
  return String(value);
}
