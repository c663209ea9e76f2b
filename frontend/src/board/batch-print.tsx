/** The check-ups of all communities of a place as one archive: asked for, watched, cancelled, fetched. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isUnfinished, type Job, myJobs } from "../data/activity";
import { moment } from "../i18n";
import { say } from "../shared/lang";
import { asProblem } from "../shared/loadable";
import { t } from "../shared/print-texts";
import { command, type Problem, problemFrom } from "../shared/request";
import { Fault } from "./fault";

const KIND = "print_communities";
const OFTEN_MS = 1500;

export default function BatchPrint({ area }: { area: string | null }) {
  const job = useSignal<Job | null>(null);
  const earlier = useSignal<Job | null>(null);
  const problem = useSignal<Problem | null>(null);
  const asked = useSignal(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const look = async () => {
      const own = (await myJobs())?.filter(
        ({ kind, parameters }) => kind === KIND && (parameters.area ?? null) === area,
      );
      if (isOver) return;
      const found = own?.[0];
      job.value = found ?? null;
      earlier.value = own?.slice(1).find(({ status }) => status === "done") ?? null;
      if (found && isUnfinished(found)) timer = setTimeout(() => void look(), OFTEN_MS);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [area, asked.value]);
  const change = async (path: string, method: "POST" | "DELETE") => {
    problem.value = null;
    try {
      await command(path, { method, ...(method === "POST" && { body: { area } }) });
    } catch (error) {
      problem.value = asProblem(error);
    }
    asked.value++;
  };
  const now = job.value;
  const before = now?.status === "done" ? null : earlier.value;
  const failed = now?.status === "failed" ? problemFrom(now.problem ?? {}, 0) : null;
  const isCancelled = failed?.code === "job_cancelled";
  const count = Number(now?.parameters.count ?? 0);
  return (
    <>
      {now && isUnfinished(now) ? (
        <span class="batch" role="status">
          {t("print_page.batch_making")}
          <progress aria-label={t("print_page.batch")} max={1} value={now.progress ?? undefined} />
          <small>
            {count > 0 && now.status === "running"
              ? t("print_page.batch_of", { done: Math.round((now.progress ?? 0) * count), count })
              : say(now.message)}
          </small>
          <button type="button" onClick={() => void change(`/api/jobs/${now.uid}`, "DELETE")}>
            {t("print_page.batch_cancel")}
          </button>
        </span>
      ) : (
        <button type="button" onClick={() => void change("/api/prints/batches", "POST")}>
          {t("print_page.batch")}
        </button>
      )}
      {now?.status === "done" && (
        <a href={`/api/prints/batches/${now.uid}`} download>
          {t("print_page.batch_fetch")}
        </a>
      )}
      {before && (
        <a href={`/api/prints/batches/${before.uid}`} download>
          {t("print_page.batch_earlier", { when: moment(before.finished_at ?? before.created_at) })}
        </a>
      )}
      {isCancelled && <small role="status">{t("print_page.batch_cancelled")}</small>}
      {failed && !isCancelled && <Fault problem={failed} />}
      {problem.value && <Fault problem={problem.value} />}
    </>
  );
}
