/** Which identity at the office's provider opens an account: for an administrator to say, never guessed from a name. */
import { useState } from "preact/hooks";
import { type Account, changeAccount } from "../data/accounts";
import { Fault, useSending } from "./fault";
import { Field } from "./field";
import { t } from "./texts";

export function ProviderLink({ account, changed }: { account: Account; changed: () => void }) {
  const [subject, setSubject] = useState(account.oidc_subject ?? "");
  const { busy, problem, send } = useSending();
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send(async () => {
          await changeAccount(account, { oidc_subject: subject.trim() || null });
          changed();
        });
      }}
    >
      <Field
        label={t("desk.accounts.subject")}
        hint={t("desk.accounts.subject_hint")}
        value={subject}
        onValue={setSubject}
        maxLength={255}
      />
      {problem && <Fault problem={problem} />}
      <button type="submit" disabled={busy || subject.trim() === (account.oidc_subject ?? "")}>
        {t("desk.accounts.subject_save")}
      </button>
    </form>
  );
}
