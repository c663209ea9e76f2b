/** Everybody's accounts: make one, say where it may act, hand out a one-time link, switch it off. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Account, accounts, changeAccount, createAccount, makeLink, resetSecondFactor } from "../data/accounts";
import type { Role } from "../data/me";
import { moment } from "../i18n/format";
import { resource } from "../shared/loadable";
import { roleName } from "./account-page";
import { Assignments } from "./assignments";
import { Fault, useSending } from "./fault";
import { Choices, Field } from "./field";
import { ProviderLink } from "./provider-link";
import { Rows } from "./rows";
import { listed, t } from "./texts";
import { today } from "./today";

const ROLES: Role[] = ["grid_worker", "planner", "official", "unit", "resident", "admin"];

export function AccountsPage() {
  const found = useMemo(() => resource<Account[]>(), []);
  const load = () => found.load(async (signal) => (await accounts(signal)).accounts);
  useEffect(() => void load(), []);
  const [open, setOpen] = useState<string | null>(null);
  const answer = found.state.value;
  return (
    <div class="stack wide">
      <NewAccount
        made={(account) => {
          setOpen(account.uid);
          void load();
        }}
      />
      {answer.status === "loading" && <p role="status">{t("desk.loading")}</p>}
      {answer.status === "failed" && <Fault problem={answer.problem} retry={load} />}
      {answer.status === "ready" && answer.value.length === 0 && <p>{t("desk.accounts.none")}</p>}
      {answer.status === "ready" && answer.value.length > 0 && (
        <Rows
          label={t("desk.accounts.title")}
          heads={[t("desk.name"), t("desk.role"), t("desk.places"), t("desk.accounts.state")]}
          rows={answer.value.map((one) => ({
            key: one.uid,
            isChosen: open === one.uid,
            cells: [
              <button type="button" class="link" aria-expanded={open === one.uid} onClick={() => setOpen(one.uid)}>
                {one.display_name ? `${one.display_name} (${one.name})` : one.name}
              </button>,
              roleName(one.role),
              placesOf(one),
              stateOf(one),
            ],
          }))}
        />
      )}
      {answer.status === "ready" &&
        answer.value
          .filter((one) => one.uid === open)
          .map((one) => <OneAccount key={one.uid} account={one} changed={() => void load()} />)}
    </div>
  );
}

const isNow = (one: Account["assignments"][number]) => !one.ends_on || one.ends_on >= today();

function placesOf(account: Account): string {
  if (account.role === "admin") return t("desk.everywhere");
  const places = account.assignments.filter(isNow).map((one) => one.area ?? one.grid);
  return listed(places.map((place) => place?.name ?? place?.code ?? "")) || t("desk.nowhere");
}

function stateOf(account: Account): string {
  if (account.is_disabled) return t("desk.accounts.disabled");
  if (!account.has_password) return t("desk.accounts.invited");
  return t(account.has_second_factor ? "desk.accounts.active_2fa" : "desk.accounts.active");
}

function NewAccount({ made }: { made: (account: Account) => void }) {
  const [name, setName] = useState("");
  const [display, setDisplay] = useState("");
  const [role, setRole] = useState<Role>("grid_worker");
  const { busy, problem, send } = useSending();
  return (
    <details>
      <summary>{t("desk.accounts.new")}</summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send(async () => {
            made(await createAccount({ name: name.trim(), display_name: display.trim() || null, role }));
            setName("");
            setDisplay("");
          });
        }}
      >
        <Field label={t("desk.accounts.sign_in_name")} value={name} onValue={setName} maxLength={64} required />
        <Field label={t("desk.accounts.display_name")} value={display} onValue={setDisplay} maxLength={64} />
        <Choices
          label={t("desk.role")}
          value={role}
          choices={ROLES.map((code) => [code, roleName(code)] as const)}
          onValue={setRole}
        />
        {problem && <Fault problem={problem} />}
        <button type="submit" class="primary" disabled={busy}>
          {t("desk.accounts.make")}
        </button>
      </form>
    </details>
  );
}

function OneAccount({ account, changed }: { account: Account; changed: () => void }) {
  const [link, setLink] = useState<{ path: string; expires_at: string } | null>(null);
  const { busy, problem, send } = useSending();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []); // it lies below a long list
  const act = (work: () => Promise<unknown>) => () =>
    void send(async () => {
      await work();
      changed();
    });
  return (
    <section class="panel" aria-labelledby="one-account">
      <h2 id="one-account" ref={heading} tabIndex={-1}>
        {account.display_name ?? account.name}
      </h2>
      <Choices
        label={t("desk.role")}
        value={account.role}
        choices={ROLES.map((code) => [code, roleName(code)] as const)}
        onValue={(role) => act(() => changeAccount(account, { role }))()}
      />
      <Assignments account={account} changed={changed} />
      <ProviderLink key={account.version} account={account} changed={changed} />
      <div class="buttons">
        <button type="button" disabled={busy} onClick={() => void send(async () => setLink(await makeLink(account)))}>
          {t("desk.accounts.link")}
        </button>
        <button
          type="button"
          disabled={busy}
          onClick={act(() => changeAccount(account, { is_disabled: !account.is_disabled }))}
        >
          {t(account.is_disabled ? "desk.accounts.enable" : "desk.accounts.disable")}
        </button>
        {account.has_second_factor && (
          <button type="button" disabled={busy} onClick={act(() => resetSecondFactor(account))}>
            {t("desk.accounts.reset_factor")}
          </button>
        )}
      </div>
      {link && (
        <div class="note" role="status">
          <p>{t("desk.accounts.link_once", { at: moment(link.expires_at) })}</p>
          <code class="secret">{window.location.origin + link.path}</code>
        </div>
      )}
      {problem && <Fault problem={problem} />}
    </section>
  );
}
