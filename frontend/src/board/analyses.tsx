/** What a view rests on: what is missing, being computed, out of date; and the button that starts it. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { me } from "../data/me";
import { number } from "../i18n/format";
import { lang, say } from "../shared/lang";
import { ready } from "../shared/loadable";
import { type AnalysisOf, type BoardOf, startAll, type Work, workKey, works } from "./data";
import { Fault } from "./fault";
import { go } from "./state";
import { named, t } from "./texts";
import { reload } from "./work";

const mayStart = (): boolean => (ready(me.state.value)?.may.analyse ?? "none") !== "none";

/** Set by whoever asks for a view and its analyses in one: what is missing is started at once. */
export const isAskedFor = signal(false);

async function start(wanted: AnalysisOf[]): Promise<void> {
  await startAll(wanted);
  reload();
}

const kindOf = ({ kind, question }: AnalysisOf): string => {
  const level = typeof question.by === "string" ? ` · ${named("board.level", question.by)}` : "";
  // gaps within a circle and within the rules are two analyses: which one is there or is missing?
  const circle = question.circle;
  const within =
    typeof circle === "number" ? t("board.filter.minutes", { minutes: circle }) : t("board.filter.own_limits");
  return `${named("board.kind", kind)}${kind === "gaps" ? ` · ${within}` : ""}${level}`;
};

export function Missing({ now }: { now: BoardOf }) {
  const missing = now.analyses.filter(({ run }) => run === null);
  const running = now.analyses.map((one) => ({ one, work: works.value[workKey(one)] }));
  const busy = running.some(({ work }) => work?.status === "running");
  const wanted = [...missing, ...now.following.filter(({ run }) => run === null)];
  useEffect(() => {
    if (!isAskedFor.peek() || now.view === "overview") return;
    isAskedFor.value = false;
    if (missing.length > 0 && !busy && mayStart()) void start(missing);
  }, [now]);
  const note = useRef<HTMLDivElement>(null);
  const hadFocus = useRef(false);
  useEffect(() => {
    // while it computes the note about it has the focus, then what was asked for
    if (note.current) {
      if (busy && isFocusIn(note.current)) note.current.focus();
      hadFocus.current = isFocusIn(note.current);
    } else if (hadFocus.current) {
      hadFocus.current = false;
      document.getElementById("table")?.focus();
    }
  });
  if (missing.length === 0 && !running.some(({ work }) => work)) return null;
  const isFirst = now.view === "overview" && missing.length === now.analyses.length;
  return (
    <div class="note missing" ref={note} tabIndex={-1}>
      {isFirst && (
        <>
          <h2>{t("board.first")}</h2>
          <p>{t("board.first.what")}</p>
        </>
      )}
      {!isFirst && missing.map((one) => <p key={workKey(one)}>{t("board.missing.one", { kind: kindOf(one) })}</p>)}
      {running.map(({ one, work }) => work && <Progress key={workKey(one)} what={kindOf(one)} work={work} />)}
      {missing.length > 0 &&
        !busy &&
        (mayStart() ? (
          <button type="button" class="primary" onClick={() => void start(wanted)}>
            {t("board.start")}
          </button>
        ) : (
          <p>{t("board.missing.office")}</p>
        ))}
      {isFirst && (
        <p class="hint">
          {t("board.first.meanwhile")}{" "}
          {(["resources", "projects"] as const).map((view) => (
            <button key={view} type="button" onClick={() => go({ view })}>
              {t(`board.view.${view}`)}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}

const isFocusIn = (element: HTMLElement): boolean => element.contains(document.activeElement);

function Progress({ what, work }: { what: string; work: Work }) {
  if (work.status === "failed" && work.problem) return <Fault problem={work.problem} />;
  const share = work.progress;
  return (
    <div class="progress">
      <p role="status">
        {t("board.working", { what })} {work.message ? say(work.message) : t("board.waiting")}
      </p>
      <progress max={1} value={share ?? undefined} aria-label={what}>
        {share === null ? "" : number(share * 100)}
      </progress>
    </div>
  );
}

/** Runs, dates and versions behind the figures; a way to compute them again on today's data. */
export function BasedOn({ now }: { now: BoardOf }) {
  const there = now.analyses.filter(({ run }) => run !== null);
  const old = there.filter(({ run }) => run !== null && run.changed.length > 0);
  const layers = [...new Set(old.flatMap(({ run }) => (run?.changed ?? []).map((label) => say(label))))];
  if (there.length === 0 && now.notes.length === 0 && !now.is_synthetic) return null;
  const busy = there.some((one) => works.value[workKey(one)]?.status === "running");
  return (
    <section class="based-on" aria-label={t("board.based_on")}>
      <h2>{t("board.based_on")}</h2>
      {old.length > 0 && (
        <div class="note">
          <p>{t("board.changed", { layers: layers.join(lang.value === "zh" ? "、" : ", ") })}</p>
          {mayStart() && !busy && (
            <button type="button" onClick={() => void start(old)}>
              {t("board.start.again")}
            </button>
          )}
        </div>
      )}
      <ul>
        {there.map(
          (one) =>
            one.run && (
              <li key={one.run.uid}>
                {t("board.run", {
                  kind: kindOf(one),
                  as_of: one.run.as_of,
                  uid: one.run.uid,
                  version: one.run.code_version,
                })}
              </li>
            ),
        )}
        {now.people_rounded_to !== null && <li>{t("board.rounded", { base: now.people_rounded_to })}</li>}
        {now.view === "overview" && <li>{t("board.change_not_effect")}</li>}
        {now.notes.map((note) => (
          <li key={note.zh}>{say(note)}</li>
        ))}
        {now.is_synthetic && <li>{t("board.synthetic")}</li>}
      </ul>
    </section>
  );
}
