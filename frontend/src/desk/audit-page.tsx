/** Who did what, newest first; looking here is itself noted. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type AuditAsked, type AuditChange, type AuditLine, auditChanges, auditPage } from "../data/audit";
import { moment } from "../i18n/format";
import { resource } from "../shared/loadable";
import { roleName } from "./account-page";
import { Fault } from "./fault";
import { Field } from "./field";
import { Rows } from "./rows";
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
        <Rows
          label={t("desk.audit.title")}
          heads={(["at", "actor", "verb", "subject", "reason", "from"] as const).map((name) =>
            t(`desk.audit.col.${name}`),
          )}
          rows={lines.map((line) => ({
            key: line.id,
            isChosen: line.id === open,
            cells: [
              <button type="button" class="link" aria-expanded={line.id === open} onClick={() => setOpen(line.id)}>
                {moment(line.at)}
              </button>,
              <>
                {line.actor} <span class="hint">{roleName(line.role)}</span>
              </>,
              verbName(line.verb),
              subjectOf(line),
              line.reason ?? "",
              line.address ?? line.via,
            ],
          }))}
        />
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

function subjectOf(line: AuditLine) {
  const about = [line.layer, line.area_code, line.facts?.route].filter(Boolean).join(" · ");
  if (!line.subject_uid) return about;
  return (
    <>
      {about}
      <code class="uid">{line.subject_uid}</code>
    </>
  );
}

/** What a line changed, field by field. */
function Changes({ line }: { line: number }) {
  const found = useMemo(() => resource<AuditChange[]>(), []);
  useEffect(() => void found.load(async (signal) => (await auditChanges(line, signal)).changes), [found, line]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []); // it lies below a long list
  const answer = found.state.value;
  return (
    <section class="panel" aria-labelledby="changes">
      <h2 id="changes" ref={heading} tabIndex={-1}>
        {t("desk.audit.changes", { line })}
      </h2>
      {answer.status === "loading" && <p role="status">{t("desk.loading")}</p>}
      {answer.status === "failed" && <Fault problem={answer.problem} />}
      {answer.status === "ready" && answer.value.length === 0 && <p>{t("desk.audit.no_changes")}</p>}
      {answer.status === "ready" &&
        answer.value.map((change) => (
          <Rows
            key={`${change.layer} ${change.version}`}
            label={change.layer}
            heads={(["field", "before", "after"] as const).map((name) => t(`desk.audit.col.${name}`))}
            rows={fieldsOf(change).map((name) => ({
              key: name,
              cells: [name, written(change.before?.[name]), written(change.after?.[name])],
            }))}
          />
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
