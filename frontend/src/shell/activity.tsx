/** The box of what is going on: analyses under way, those that ended, and what waits for this person. */
import { useEffect } from "preact/hooks";
import { isUnfinished, type Job } from "../data/activity";
import { categories as categoriesKnown } from "../data/catalogue";
import { me } from "../data/me";
import { moment } from "../i18n/format";
import { lang, say } from "../shared/lang";
import { ready } from "../shared/loadable";
import { problemFrom } from "../shared/request";
import { known, t } from "./box-texts";
import { isFresh, jobs, look, looked, waiting } from "./news";
import { categoriesOf, resultLink } from "./result-link";

const LATELY = 8;

export default function Activity() {
  useEffect(() => {
    look();
    return looked;
  }, []);
  const all = jobs.value;
  const now = (all ?? []).filter(isUnfinished);
  const ended = (all ?? []).filter((job) => !isUnfinished(job)).slice(0, LATELY);
  const { photos_to_review: photos, projects_overdue: projects } = waiting.value;
  if (all === null) return <p role="status">{t("shell.now.loading")}</p>;
  return (
    <div class="activity">
      <h2>{t("shell.now.mine")}</h2>
      {photos + projects === 0 && <p>{t("shell.now.none_mine")}</p>}
      <ul>
        {projects > 0 && (
          <li>
            <a href={overdueLink()}>{t("shell.now.overdue", { count: projects })}</a>
            {isBound() && <small>{t("shell.now.overdue_own")}</small>}
          </li>
        )}
        {photos > 0 && (
          <li>
            <a href="/photos">{t("shell.now.photos", { count: photos })}</a>
          </li>
        )}
      </ul>
      <h2>{t("shell.now.running")}</h2>
      {now.length === 0 && <p>{t("shell.now.none_running")}</p>}
      <ul>
        {now.map((job) => (
          <li key={job.uid}>
            {nameOf(job)}
            <progress aria-label={nameOf(job)} value={job.progress ?? undefined} max={1} />
            <small>{say(job.message)}</small>
          </li>
        ))}
      </ul>
      {ended.length > 0 && (
        <>
          <h2>{t("shell.now.lately")}</h2>
          <ul>
            {ended.map((job) => (
              <Ended key={job.uid} job={job} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** Whether one keeps only what lies in the areas assigned. */
const isBound = (): boolean => ready(me.state.value)?.may.write_projects === "own";

/** The projects of the area assigned, of several all. */
function overdueLink(): string {
  const own = isBound() ? (ready(me.state.value)?.areas ?? []) : [];
  return own.length === 1 && own[0] ? `/board#view=projects&area=${own[0].code}&late=1` : "/board#view=projects&late=1";
}

function Ended({ job }: { job: Job }) {
  const link = resultLink(job);
  const problem = job.status === "failed" ? problemFrom(job.problem ?? {}, 0) : null;
  return (
    <li>
      {link ? <a href={link}>{nameOf(job)}</a> : nameOf(job)}
      {isFresh(job) && <strong class="fresh">{t("shell.now.fresh")}</strong>}
      <small>
        {!problem
          ? t("shell.now.done", { when: moment(job.finished_at ?? job.created_at) })
          : problem.code === "job_cancelled"
            ? t("shell.now.cancelled")
            : t("shell.now.failed", { why: problem.sentence(lang.value) ?? say(job.message) })}
      </small>
    </li>
  );
}

function nameOf({ kind, parameters }: Job): string {
  const key = `shell.kind.${kind}`;
  const what = known(key) ? t(key) : kind;
  const asked = categoriesOf(parameters);
  if (asked.length === 0) return what;
  const label = categoriesKnown.value.find(({ code }) => code === asked[0])?.label;
  const of = asked.length > 1 ? t("shell.now.everything") : say(label);
  return of ? `${what} · ${of}` : what;
}
