/** Who did what, newest first; looking here is itself noted. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { type AuditAsked, type AuditChange, type AuditLine, auditChanges, auditPage } from "../data/audit";
import { moment } from "../i18n/format";
import { resource } from "../shared/loadable";
import { roleName } from "./account-page";
import { Fault } from "./fault";
import { Field } from "./field";
import { known, t } from "./texts";

interface Loaded {
  lines: AuditLine[];
  before: number | null;
}

const verbName = (verb: string): string => {
  const key = `desk.verb.${verb}`;
  return known(key) ? t(key) : verb;
};

export function AuditPage() {
  const found = useMemo(() => resource<Loaded>(), []);
  const [asked, setAsked] = useState<AuditAsked>({});
  const [old, setOld] = useState<AuditLine[]>([]);
  const [open, setOpen] = useState<number | null>(null);
  const load = (question: AuditAsked) =>
    found.load(async (signal) => {
      const page = await auditPage(question, signal);
      return { lines: page.lines, before: page.next_before };
    });
  useEffect(() => void load({}), []);
  const answer = found.state.value;
  const lines = answer.status === "ready" ? [...old, ...answer.value.lines] : old;
  const before = answer.status === "ready" ? answer.value.before : null;
  return (
    <div class="stack wide">
      <p class="hint">{t("desk.audit.hint")}</p>
      <Filters
        ask={(question) => {
          setAsked(question);
          setOld([]);
          void load(question);
        }}
      />
      {answer.status === "failed" && <Fault problem={answer.problem} retry={() => void load(asked)} />}
      {answer.status === "ready" && lines.length === 0 && <p role="status">{t("desk.audit.none")}</p>}
      {lines.length > 0 && (
        <div class="table-frame" role="region" aria-label={t("desk.audit.title")} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {(["at", "actor", "verb", "subject", "reason", "from"] as const).map((name) => (
                  <th key={name} scope="col">
                    {t(`desk.audit.col.${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.id}>
                  <td>
                    <button type="button" class="link" onClick={() => setOpen(line.id)}>
                      {moment(line.at)}
                    </button>
                  </td>
                  <td>
                    {line.actor} <span class="hint">{roleName(line.role)}</span>
                  </td>
                  <td>{verbName(line.verb)}</td>
                  <td>
                    {[line.layer, line.area_code, line.facts?.route].filter(Boolean).join(" · ")}
                    {line.subject_uid && <code class="uid">{line.subject_uid}</code>}
                  </td>
                  <td>{line.reason ?? ""}</td>
                  <td>{line.address ?? line.via}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {answer.status === "loading" && <p role="status">{t("desk.loading")}</p>}
      {open !== null && <Changes key={open} line={open} />}
      {before !== null && (
        <button
          type="button"
          onClick={() => {
            setOld(lines);
            void load({ ...asked, before });
          }}
        >
          {t("desk.audit.more")}
        </button>
      )}
    </div>
  );
}

/** What a line changed, field by field. */
function Changes({ line }: { line: number }) {
  const found = useMemo(() => resource<AuditChange[]>(), []);
  useEffect(() => void found.load(async (signal) => (await auditChanges(line, signal)).changes), [found, line]);
  const answer = found.state.value;
  return (
    <section class="panel" aria-labelledby="changes">
      <h2 id="changes">{t("desk.audit.changes", { line })}</h2>
      {answer.status === "loading" && <p role="status">{t("desk.loading")}</p>}
      {answer.status === "failed" && <Fault problem={answer.problem} />}
      {answer.status === "ready" && answer.value.length === 0 && <p>{t("desk.audit.no_changes")}</p>}
      {answer.status === "ready" &&
        answer.value.map((change) => (
          <table key={`${change.layer} ${change.version}`}>
            <thead>
              <tr>
                {(["field", "before", "after"] as const).map((name) => (
                  <th key={name} scope="col">
                    {t(`desk.audit.col.${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {fieldsOf(change).map((name) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{written(change.before?.[name])}</td>
                  <td>{written(change.after?.[name])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
    </section>
  );
}

const fieldsOf = (change: AuditChange): string[] => [
  ...new Set([...Object.keys(change.before ?? {}), ...Object.keys(change.after ?? {})]),
];
const written = (value: unknown): string =>
  value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);

function Filters({ ask }: { ask: (question: AuditAsked) => void }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const field = (name: "from" | "to" | "actor" | "verb" | "subject" | "area", type: "search" | "date" = "search") => (
    <Field
      label={t(`desk.audit.filter.${name}`)}
      type={type}
      value={values[name] ?? ""}
      onValue={(value) => setValues({ ...values, [name]: value })}
      maxLength={100}
    />
  );
  return (
    <form
      class="row"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        ask(Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== "")));
      }}
    >
      {field("from", "date")}
      {field("to", "date")}
      {field("actor")}
      {field("verb")}
      {field("subject")}
      {field("area")}
      <button type="submit">{t("desk.audit.search")}</button>
    </form>
  );
}
