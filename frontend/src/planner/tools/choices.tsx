/** Which category an analysis is about and within which limit: the same two choices in every tool. */
import { categories, circles } from "../../data/catalogue";
import { metres, number } from "../../i18n";
import { title } from "../../shared/lang";
import { Choice } from "../coverage-panel";
import * as state from "../state";
import { asked } from "./follow";
import { t } from "./texts";

/** What another choice makes void, such as the run that was shown. */
interface Clears {
  clears: readonly string[];
}

const voided = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, null]));

export function CategoryChoice({ clears, only }: Clears & { only?: readonly string[] }) {
  const category = asked("category");
  const offered = categories.value.filter(({ code }) => only === undefined || only.includes(code));
  const value = offered.some(({ code }) => code === category) ? (category ?? "") : "";
  return (
    <Choice
      label={t("tools.category")}
      value={value}
      options={[
        ...(value ? [] : [{ value: "", label: t("tools.choose") }]),
        ...offered.map(({ code, label }) => ({ value: code, label: title(label) })),
      ]}
      onChange={(chosen) => state.ask({ ...voided(clears), category: chosen || null })}
    />
  );
}

/** The category's own limit unless a living circle is chosen. */
export function LimitChoice({ clears }: Clears) {
  return (
    <Choice
      label={t("tools.limit")}
      value={asked("circle") ?? ""}
      options={[
        { value: "", label: t("tools.limit_usual") },
        ...circles.value.map(({ minutes, distance_m }) => ({
          value: String(minutes),
          label: t("tools.limit_circle", { minutes: number(minutes), metres: metres(distance_m) }),
        })),
      ]}
      onChange={(value) => state.ask({ ...voided(clears), circle: value || null })}
    />
  );
}

/** The living circle that is chosen; null for the category's own limit. */
export function circleAsked(): number | null {
  const circle = asked("circle");
  return circle ? Number(circle) : null;
}

/** The limit as part of a question: nothing for the category's own. */
export function limitAsked(): { circle?: number } {
  const circle = circleAsked();
  return circle === null ? {} : { circle };
}

/** Whether a kept run was asked within the limit that is chosen. */
export const fitsLimit = ({ circle, minutes }: Record<string, unknown>): boolean =>
  (circle ?? null) === circleAsked() && minutes == null;
