/** Name, password, and the second factor where the account has one. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { signInWays, signInWith } from "../data/accounts";
import { ready, resource } from "../shared/loadable";
import { Problem } from "../shared/request";
import { t as shell } from "../shell/texts";
import { Fault, useSending } from "./fault";
import { Field } from "./field";
import { nextPath } from "./next-path";
import { known, t } from "./texts";

/** What the way back from the identity provider says went wrong, in words; null for nothing it could say. */
export function problemIn(search: string): string | null {
  const key = `desk.sign_in.problem.${new URLSearchParams(search).get("problem") ?? ""}`;
  return known(key) ? t(key) : null;
}

export function SignInPage() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const { busy, problem, send } = useSending();
  const isExpired = new URLSearchParams(window.location.search).get("why") === "expired";
  const [led] = useState(() => problemIn(window.location.search));
  const ways = useMemo(() => resource<{ oidc: boolean }>(), []);
  useEffect(() => void ways.load(signInWays), [ways]);

  const submit = (event: Event) => {
    event.preventDefault();
    void send(async () => {
      try {
        await signInWith({ name: name.trim(), password, ...(asksCode && code ? { code: code.trim() } : {}) });
      } catch (error) {
        if (error instanceof Problem && error.code === "second_factor_needed") {
          setAsksCode(true);
          return;
        }
        throw error;
      }
      window.location.assign(nextPath(window.location.search));
    });
  };

  return (
    <form class="stack" onSubmit={submit}>
      {isExpired && (
        <p class="note" role="status">
          {shell("shell.expired")}
        </p>
      )}
      <Field label={t("desk.name")} value={name} onValue={setName} autoComplete="username" required autoFocus />
      <Field
        label={t("desk.password")}
        type="password"
        value={password}
        onValue={setPassword}
        autoComplete="current-password"
        required
      />
      {asksCode && (
        <Field
          label={t("desk.code")}
          hint={t("desk.code_hint")}
          value={code}
          onValue={setCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={10}
          required
          autoFocus
        />
      )}
      {problem && <Fault problem={problem} />}
      {led && !problem && (
        <p class="note note-bad" role="alert">
          {led}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {t(busy ? "desk.working" : "desk.sign_in.do")}
      </button>
      {ready(ways.state.value)?.oidc && (
        <a href={`/api/oidc/start?next=${encodeURIComponent(nextPath(window.location.search))}`}>
          {t("desk.sign_in.oidc")}
        </a>
      )}
      <p class="hint">{t("desk.sign_in.forgotten")}</p>
    </form>
  );
}
