/** What coverage can be shown by here: the area levels and grids that are stored, and single buildings. */
import { layerNamed, summary } from "../data/catalogue";
import { t } from "../i18n";
import { capital, say } from "../shared/lang";

const LEVELS = ["city", "district", "street", "community", "quarter"];

export function byOptions(current: string): { value: string; label: string }[] {
  const present = summary.value?.levels ?? [];
  const kinds = summary.value?.grid_kinds ?? [];
  const values = LEVELS.filter((level) => present.includes(level));
  if (kinds.includes("governance")) values.push("grid");
  if (kinds.includes("unit")) values.push("unit_grid");
  if (current !== "building" && !values.includes(current)) values.unshift(current);
  return [...values, "building"].map((value) => ({ value, label: capital(byLabel(value)) }));
}

export function byLabel(value: string): string {
  if (value === "building") return t("map.by.building");
  if (value === "grid") return t("map.by.grid");
  if (value === "unit_grid") return t("map.by.unit_grid");
  if (value === "total") return t("map.by.total");
  const level = layerNamed("areas")?.fields.find((field) => field.key === "level");
  return say(level?.choice_labels?.[value]) || value;
}
