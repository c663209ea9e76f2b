/** The second factor: a code from an app on the phone, set up by picture or by typing the secret. */
import { useState } from "preact/hooks";
import { confirmSecondFactor, dropSecondFactor, type Secret, startSecondFactor } from "../data/accounts";
import { loadMe, me } from "../data/me";
import { ready } from "../shared/loadable";
import { Fault, useSending } from "./fault";
import { Field } from "./field";
import { PasswordAgain } from "./password-again";
import { t } from "./texts";

export function SecondFactor() {
  const [secret, setSecret] = useState<Secret | null>(null);
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const { busy, problem, send } = useSending();
  const state = ready(me.state.value)?.second_factor ?? "none";
  return (
    <section aria-labelledby="factor">
      <h2 id="factor">{t("desk.factor")}</h2>
      <p class={state === "needed" ? "note note-warn" : "hint"}>{t(`desk.factor.${state}`)}</p>
      {state === "on" ? (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void send(async () => {
              await dropSecondFactor(password || undefined);
              setPassword("");
              await loadMe();
            });
          }}
        >
          <PasswordAgain value={password} onValue={setPassword} />
          <button type="submit" disabled={busy}>
            {t("desk.factor.drop")}
          </button>
        </form>
      ) : (
        !secret && (
          <button
            type="button"
            disabled={busy}
            onClick={() => void send(async () => setSecret(await startSecondFactor()))}
          >
            {t("desk.factor.start")}
          </button>
        )
      )}
      {secret && state !== "on" && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void send(async () => {
              await confirmSecondFactor(code.trim());
              setSecret(null);
              setCode("");
              await loadMe();
            });
          }}
        >
          <p>{t("desk.factor.scan")}</p>
          <img class="qr" alt={t("desk.factor.qr")} src={`data:image/svg+xml,${encodeURIComponent(secret.qr_svg)}`} />
          <p>
            {t("desk.factor.or_type")} <code>{secret.secret}</code>
          </p>
          <Field
            label={t("desk.code")}
            value={code}
            onValue={setCode}
            inputMode="numeric"
            autoComplete="one-time-code"
            required
          />
          <button type="submit" class="primary" disabled={busy}>
            {t("desk.factor.confirm")}
          </button>
        </form>
      )}
      {problem && <Fault problem={problem} />}
    </section>
  );
}
