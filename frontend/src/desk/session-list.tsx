/** The browsers that are signed in to this account. */
import { useEffect, useMemo } from "preact/hooks";
import { endSession, type SessionOf, sessions } from "../data/accounts";
import { moment } from "../i18n/format";
import { resource } from "../shared/loadable";
import { Fault, useSending } from "./fault";
import { t } from "./texts";

export function SessionList() {
  const found = useMemo(() => resource<SessionOf[]>(), []);
  const load = () => found.load(async (signal) => (await sessions(signal)).sessions);
  useEffect(() => void load(), []);
  const { busy, problem, send } = useSending();
  const answer = found.state.value;
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">{t("desk.sessions")}</h2>
      {answer.status === "loading" && <p role="status">{t("desk.loading")}</p>}
      {answer.status === "failed" && <Fault problem={answer.problem} retry={load} />}
      {answer.status === "ready" && (
        <ul class="cards">
          {answer.value.map((one) => (
            <li key={one.uid}>
              <span>
                {one.address ?? "–"} · {t("desk.sessions.seen", { at: moment(one.seen_at) })}
              </span>
              <span class="hint">{one.agent ?? ""}</span>
              {one.is_current ? (
                <strong>{t("desk.sessions.this")}</strong>
              ) : (
                <button
                  type="button"
                  disabled={busy}
                  onClick={() =>
                    void send(async () => {
                      await endSession(one.uid);
                      await load();
                    })
                  }
                >
                  {t("desk.sessions.end")}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {problem && <Fault problem={problem} />}
    </section>
  );
}
