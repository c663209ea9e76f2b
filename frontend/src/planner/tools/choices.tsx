/** Which category an analysis is about and within which limit: the same two choices in every tool. */
import { BY_AGE, categories, categoryNamed, circles, profiles, STANDARD } from "../../data/catalogue";
import type { Parameters } from "../../data/runs";
import { metres, number, t as say } from "../../i18n";
import { title } from "../../shared/lang";
import { Choice } from "../coverage-panel";
import * as state from "../state";
import { TimeField } from "../time-field";
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

const TIMES = [5, 10, 15, 20, 30];

/** A limit as the choice names it: a living circle `15`, its stricter distance `15s`, walking minutes `m10`. */
function limitNow(): string {
  const circle = asked("circle");
  const minutes = asked("minutes");
  if (circle) return asked("strict") ? `${circle}s` : circle;
  return minutes ? `m${minutes}` : "";
}

function limitOptions(now: string): { value: string; label: string }[] {
  const distance = categoryNamed(asked("category") ?? "")?.default_limit_m;
  const usual =
    distance === undefined ? t("tools.limit_usual") : t("tools.limit_usual_of", { metres: metres(distance) });
  const times = TIMES.map((minutes) => `m${minutes}`);
  if (now.startsWith("m") && !times.includes(now)) times.push(now);
  return [
    { value: "", label: usual },
    ...circles.value.flatMap(({ minutes, distance_m, stricter_distance_m }) => {
      const label = (key: "tools.limit_circle" | "tools.limit_circle_strict", metre: number) =>
        t(key, { minutes: number(minutes), metres: metres(metre) });
      const whole = { value: String(minutes), label: label("tools.limit_circle", distance_m) };
      return stricter_distance_m === null
        ? [whole]
        : [whole, { value: `${minutes}s`, label: label("tools.limit_circle_strict", stricter_distance_m) }];
    }),
    ...times.map((value) => ({
      value,
      label: t("tools.limit_minutes", { minutes: number(Number(value.slice(1)), 1) }),
    })),
  ];
}

/** The category's own limit unless a living circle or walking minutes are chosen. */
export function LimitChoice({ clears }: Clears) {
  const value = limitNow();
  return (
    <Choice
      label={t("tools.limit")}
      value={value}
      options={limitOptions(value)}
      onChange={(chosen) =>
        state.ask({
          ...voided(clears),
          circle: chosen && !chosen.startsWith("m") ? chosen.replace("s", "") : null,
          strict: chosen.endsWith("s") ? "1" : null,
          minutes: chosen.startsWith("m") ? chosen.slice(1) : null,
        })
      }
    />
  );
}

/** Who walks, and at what time of day: only where it is not everybody at all hours. */
export function WalkChoices({ clears }: Clears) {
  const isSet = asked("profile") !== null || asked("at") !== null;
  return (
    <details class="more" open={isSet}>
      <summary>{t("tools.walk")}</summary>
      <Choice
        label={say("map.coverage.profile")}
        value={asked("profile") ?? STANDARD}
        options={profiles.value
          .filter(({ code }) => code !== BY_AGE)
          .map(({ code, label }) => ({ value: code, label: title(label) }))}
        onChange={(value) => state.ask({ ...voided(clears), profile: value === STANDARD ? null : value })}
      />
      <TimeChoice clears={clears} />
    </details>
  );
}

/** A time of day, where only that can be asked. */
export function TimeChoice({ clears }: Clears) {
  return <TimeField value={asked("at")} onChange={(at) => state.ask({ ...voided(clears), at })} />;
}

/** The time of day as part of a question. */
export const timeAsked = (): { at?: string } => {
  const at = asked("at");
  return at ? { at } : {};
};

/** Whether a kept run was asked at the time of day that is chosen. */
export const fitsTime = ({ at }: Parameters): boolean => (at ?? null) === asked("at");

/** The limit as part of a question: nothing for the category's own. */
export function limitAsked(): { circle?: number; minutes?: number; strict?: boolean } {
  const circle = asked("circle");
  if (circle) return { circle: Number(circle), ...(asked("strict") && { strict: true }) };
  const minutes = asked("minutes");
  return minutes ? { minutes: Number(minutes) } : {};
}

/** Limit, way of walking and time of day as part of a question. */
export function walkAsked(): ReturnType<typeof limitAsked> & { profile?: string; at?: string } {
  const profile = asked("profile");
  return { ...limitAsked(), ...(profile && { profile }), ...timeAsked() };
}

/** Whether a kept run was asked within the limit that is chosen. */
export function fitsLimit({ circle, minutes, strict }: Parameters): boolean {
  const now = limitAsked();
  return (
    (circle ?? null) === (now.circle ?? null) &&
    (minutes ?? null) === (now.minutes ?? null) &&
    Boolean(strict) === Boolean(now.strict)
  );
}

/** The same, also by who walks and when. */
export const fitsWalk = (parameters: Parameters): boolean =>
  fitsLimit(parameters) && (parameters.profile ?? STANDARD) === (asked("profile") ?? STANDARD) && fitsTime(parameters);

/** What another tool is asked to ask the same question as a run. */
export function questionAsked({ circle, minutes, strict, profile, at }: Parameters): Record<string, string> {
  const told = { circle, minutes, strict: strict ? 1 : null, profile: profile === STANDARD ? null : profile, at };
  return Object.fromEntries(
    Object.entries(told).flatMap(([key, value]) => (value == null ? [] : [[key, String(value)]])),
  );
}
