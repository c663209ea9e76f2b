/** Where an account may act, and from when to when. */
import { useState } from "preact/hooks";
import { type Account, assign, endAssignment } from "../data/accounts";
import { Fault, useSending } from "./fault";
import { Choices, Field } from "./field";
import { t } from "./texts";
import { today } from "./today";

export function Assignments({ account, changed }: { account: Account; changed: () => void }) {
  const { busy, problem, send } = useSending();
  return (
    <section aria-labelledby="assignments">
      <h3 id="assignments">{t("desk.places")}</h3>
      {account.assignments.length === 0 && <p class="hint">{t("desk.nowhere")}</p>}
      <ul class="cards">
        {account.assignments.map((one) => (
          <li key={one.uid}>
            <span>
              <strong>{one.area?.name ?? one.grid?.name ?? ""}</strong> {one.area?.code ?? one.grid?.code}
            </span>
            <span class="hint">
              {one.starts_on} – {one.ends_on ?? t("desk.assign.open_end")}
            </span>
            {(!one.ends_on || one.ends_on >= today()) && (
              <button
                type="button"
                disabled={busy}
                onClick={() =>
                  void send(async () => {
                    await endAssignment(account, one);
                    changed();
                  })
                }
              >
                {t("desk.assign.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {problem && <Fault problem={problem} />}
      <NewAssignment account={account} changed={changed} />
    </section>
  );
}

function NewAssignment({ account, changed }: { account: Account; changed: () => void }) {
  const [kind, setKind] = useState<"area" | "grid">(account.role === "grid_worker" ? "grid" : "area");
  const [code, setCode] = useState("");
  const [from, setFrom] = useState(today());
  const [to, setTo] = useState("");
  const { busy, problem, send } = useSending();
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void send(async () => {
          const place = kind === "area" ? { area_code: code.trim() } : { grid_code: code.trim() };
          await assign(account, { ...place, starts_on: from, ends_on: to || null });
          setCode("");
          changed();
        });
      }}
    >
      <Choices
        label={t("desk.assign.kind")}
        value={kind}
        choices={[
          ["area", t("desk.assign.area")],
          ["grid", t("desk.assign.grid")],
        ]}
        onValue={setKind}
      />
      <Field label={t("desk.assign.code")} value={code} onValue={setCode} maxLength={64} required />
      <Field label={t("desk.assign.from")} type="date" value={from} onValue={setFrom} required />
      <Field label={t("desk.assign.to")} type="date" value={to} onValue={setTo} />
      <button type="submit" disabled={busy}>
        {t("desk.assign.do")}
      </button>
      {problem && <Fault problem={problem} />}
    </form>
  );
}
