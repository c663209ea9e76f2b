/** What the page can tell before the server is asked: what is missing, what is no number or out of range. */
import type { Geometry } from "geojson";
import type { Form, FormField } from "../../data/editing";
import { number } from "../../i18n";
import { t } from "./texts";

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === "";

/** Why the value of a field cannot be kept, null where it can as far as one knows here. */
export function wrongWith(field: FormField, value: unknown): string | null {
  if (isEmpty(value)) return field.required ? t("edit.wrong.missing") : null;
  if (field.kind === "number" || field.kind === "integer") {
    if (typeof value !== "number" || !Number.isFinite(value)) return t("edit.wrong.number");
    if (field.kind === "integer" && !Number.isInteger(value)) return t("edit.wrong.integer");
    const { min, max } = field;
    if (typeof min === "number" && value < min) return t("edit.wrong.least", { least: number(min, 6) });
    if (typeof max === "number" && value > max) return t("edit.wrong.most", { most: number(max, 6) });
  }
  if (typeof value === "string" && field.max_length && value.length > field.max_length)
    return t("edit.wrong.long", { length: number(value.length), most: number(field.max_length) });
  return null;
}

/** Everything that keeps the form from being saved, by field; `geometry` and `code` among them. */
export function missing(
  form: Form,
  given: (field: string) => unknown,
  geometry: Geometry | null,
  code: string,
  isNew: boolean,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of form.fields) {
    const why = field.editable ? wrongWith(field, given(field.name)) : null;
    if (why) found[field.name] = why;
  }
  if (!geometry && form.geometry.length > 0 && form.geometry_required !== false) found.geometry = t("edit.wrong.shape");
  if (isNew && form.code_required && code.trim() === "") found.code = t("edit.wrong.missing");
  return found;
}
