/** One's own account: who one is, password, second factor, signed-in browsers, tokens for machines. */
import { useState } from "preact/hooks";
import { changePassword } from "../data/accounts";
import { me } from "../data/me";
import { ready } from "../shared/loadable";
import { Fault, useSending } from "./fault";
import { Field } from "./field";
import { SecondFactor } from "./second-factor";
import { SessionList } from "./session-list";
import { known, listed, t } from "./texts";
import { TokenList } from "./token-list";

export function AccountPage() {
  const who = ready(me.state.value);
  if (!who) return null;
  const isMine = who.via !== "local";
  // without the second factor it needs, an account may do nothing else
  const isWhole = who.second_factor === "none" || who.second_factor === "on";
  return (
    <div class="stack wide">
      <section aria-labelledby="who">
        <h2 id="who">{t("desk.account.who")}</h2>
        <dl class="facts">
          <dt>{t("desk.name")}</dt>
          <dd>{who.display_name ? `${who.display_name} (${who.name})` : who.name}</dd>
          <dt>{t("desk.role")}</dt>
          <dd>{roleName(who.role)}</dd>
          <dt>{t("desk.places")}</dt>
          <dd>
            {who.role === "admin"
              ? t("desk.everywhere")
              : listed([...who.areas, ...who.grids].map((place) => place.name ?? place.code)) || t("desk.nowhere")}
          </dd>
        </dl>
      </section>
      {!isMine && <p class="note">{t("desk.account.local")}</p>}
      {isMine && <SecondFactor />}
      {isMine && isWhole && <Password />}
      {isMine && isWhole && <SessionList />}
      {isMine && isWhole && <TokenList stories={Object.keys(who.may).filter((story) => who.may[story] !== "none")} />}
    </div>
  );
}

export const roleName = (role: string): string => {
  const key = `desk.role.${role}`;
  return known(key) ? t(key) : role;
};

function Password() {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [done, setDone] = useState(false);
  const { busy, problem, send } = useSending();
  return (
    <section aria-labelledby="password">
      <h2 id="password">{t("desk.password")}</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setDone(false);
          void send(async () => {
            await changePassword(old, fresh);
            setOld("");
            setFresh("");
            setDone(true);
          });
        }}
      >
        <Field
          label={t("desk.old_password")}
          type="password"
          value={old}
          onValue={setOld}
          autoComplete="current-password"
          required
        />
        <Field
          label={t("desk.new_password")}
          hint={t("desk.password_hint")}
          type="password"
          value={fresh}
          onValue={setFresh}
          autoComplete="new-password"
          required
        />
        {problem && <Fault problem={problem} />}
        {done && (
          <p class="note" role="status">
            {t("desk.password_changed")}
          </p>
        )}
        <button type="submit" disabled={busy}>
          {t(busy ? "desk.working" : "desk.password_change")}
        </button>
      </form>
    </section>
  );
}
