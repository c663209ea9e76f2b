/** A password by a one-time link: the secret stands behind the # and never reaches a log. */
import { useState } from "preact/hooks";
import { setPasswordByLink } from "../data/accounts";
import { Fault, useSending } from "./fault";
import { Field } from "./field";
import { t } from "./texts";

export function SetPasswordPage() {
  const [token] = useState(() => window.location.hash.slice(1));
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [done, setDone] = useState(false);
  const { busy, problem, send } = useSending();
  const differs = again !== "" && again !== password;

  if (!token) return <p class="note note-bad">{t("desk.set_password.no_link")}</p>;
  if (done)
    return (
      <div class="stack" role="status">
        <p class="note">{t("desk.set_password.done")}</p>
        <a href="/sign-in">{t("desk.sign_in.title")}</a>
      </div>
    );
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (differs) return;
        void send(async () => {
          await setPasswordByLink(token, password);
          window.history.replaceState(null, "", window.location.pathname);
          setDone(true);
        });
      }}
    >
      <Field
        label={t("desk.new_password")}
        hint={t("desk.password_hint")}
        type="password"
        value={password}
        onValue={setPassword}
        autoComplete="new-password"
        required
      />
      <Field
        label={t("desk.password_again")}
        type="password"
        value={again}
        onValue={setAgain}
        autoComplete="new-password"
        required
      />
      {differs && <p class="note note-bad">{t("desk.password_differs")}</p>}
      {problem && <Fault problem={problem} />}
      <button type="submit" class="primary" disabled={busy || differs}>
        {t(busy ? "desk.working" : "desk.set_password.do")}
      </button>
    </form>
  );
}
