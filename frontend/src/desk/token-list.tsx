/** Tokens for machines: limited in what they may do and in time; shown once. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { makeToken, revokeToken, type TokenOf, tokens } from "../data/accounts";
import { moment } from "../i18n/format";
import { resource } from "../shared/loadable";
import { Fault, useSending } from "./fault";
import { Field } from "./field";
import { PasswordAgain } from "./password-again";
import { storyName } from "./story-name";
import { listed, t } from "./texts";

export function TokenList({ stories }: { stories: string[] }) {
  const found = useMemo(() => resource<TokenOf[]>(), []);
  const load = () => found.load(async (signal) => (await tokens(signal)).tokens);
  useEffect(() => void load(), []);
  const [fresh, setFresh] = useState<string | null>(null);
  const { busy, problem, send } = useSending();
  const answer = found.state.value;
  return (
    <section aria-labelledby="tokens">
      <h2 id="tokens">{t("desk.tokens")}</h2>
      <p class="hint">{t("desk.tokens.hint")}</p>
      {answer.status === "failed" && <Fault problem={answer.problem} retry={load} />}
      {answer.status === "ready" && answer.value.length > 0 && (
        <ul class="cards">
          {answer.value.map((one) => (
            <li key={one.uid}>
              <span>
                <strong>{one.name}</strong> · {listed(one.scopes.map(storyName))}
              </span>
              <span class="hint">{t("desk.tokens.until", { at: moment(one.expires_at) })}</span>
              {one.revoked_at ? (
                <span>{t("desk.tokens.revoked")}</span>
              ) : (
                <button
                  type="button"
                  disabled={busy}
                  onClick={() =>
                    void send(async () => {
                      await revokeToken(one.uid);
                      await load();
                    })
                  }
                >
                  {t("desk.tokens.revoke")}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {fresh && (
        <div class="note" role="status">
          <p>{t("desk.tokens.once")}</p>
          <code class="secret">{fresh}</code>
        </div>
      )}
      <NewToken
        stories={stories}
        made={(token) => {
          setFresh(token);
          void load();
        }}
      />
      {problem && <Fault problem={problem} />}
    </section>
  );
}

function NewToken({ stories, made }: { stories: string[]; made: (token: string) => void }) {
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [scopes, setScopes] = useState<string[]>([]);
  const [password, setPassword] = useState("");
  const { busy, problem, send } = useSending();
  return (
    <details>
      <summary>{t("desk.tokens.new")}</summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send(async () => {
            const asked = { name: name.trim(), scopes, days: Number(days), password: password || undefined };
            made((await makeToken(asked)).token);
            setPassword("");
            setName("");
            setScopes([]);
          });
        }}
      >
        <Field label={t("desk.tokens.name")} value={name} onValue={setName} maxLength={100} required />
        <Field label={t("desk.tokens.days")} type="number" min="1" max="366" value={days} onValue={setDays} required />
        <fieldset>
          <legend>{t("desk.tokens.may")}</legend>
          {stories.map((story) => (
            <label key={story} class="check">
              <input
                type="checkbox"
                checked={scopes.includes(story)}
                onChange={(event) =>
                  setScopes(event.currentTarget.checked ? [...scopes, story] : scopes.filter((one) => one !== story))
                }
              />
              {storyName(story)}
            </label>
          ))}
        </fieldset>
        <PasswordAgain value={password} onValue={setPassword} />
        {problem && <Fault problem={problem} />}
        <button type="submit" disabled={busy || scopes.length === 0}>
          {t("desk.tokens.make")}
        </button>
      </form>
    </details>
  );
}
