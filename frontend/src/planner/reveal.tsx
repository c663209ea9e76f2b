/** Shows the names and phones of a row for a reason, until one hides them or leaves the row. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { me } from "../data/me";
import { reveal } from "../data/reveal";
import { t } from "../i18n";
import type { LayerFeature, LayerMeta } from "../shared/api";
import { asProblem, ready } from "../shared/loadable";
import type { Problem } from "../shared/request";
import { fieldLabel } from "./names";
import { ProblemNote } from "./problem-note";

type Step = "closed" | "asking" | "shown";

export function Reveal({ meta, feature }: { meta: LayerMeta; feature: LayerFeature }) {
  const [step, setStep] = useState<Step>("closed");
  const [values, setValues] = useState<Record<string, string | null>>({});
  const opener = useRef<HTMLButtonElement>(null);
  const found = useRef<HTMLHeadingElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (step === "shown") found.current?.focus();
    if (step === "closed" && wasOpen.current) opener.current?.focus();
    wasOpen.current = step !== "closed";
  }, [step]);
  const may = ready(me.state.value)?.may.reveal_personal ?? "none";
  // who may not reveal them here gets no mask either
  const hidden = meta.fields.filter(({ key, personal }) => personal && feature.properties[key]);
  if (may === "none" || !meta.reveal_reason || hidden.length === 0) return null;

  const close = () => {
    setValues({});
    setStep("closed");
  };
  if (step === "closed")
    return (
      <button type="button" ref={opener} onClick={() => setStep("asking")}>
        {t("map.reveal.open")}
      </button>
    );
  if (step === "asking")
    return (
      <Ask
        length={meta.reveal_reason}
        send={async (reason) => {
          setValues((await reveal(meta.name, String(feature.id), reason)).values);
          setStep("shown");
        }}
        cancel={close}
      />
    );
  return (
    <section class="revealed" aria-labelledby="revealed">
      <h3 id="revealed" ref={found} tabIndex={-1}>
        {t("map.reveal.title")}
      </h3>
      <dl class="fields">
        {meta.fields
          .filter(({ key }) => values[key])
          .map((field) => (
            <div key={field.key}>
              <dt>{fieldLabel(field)}</dt>
              <dd>{values[field.key]}</dd>
            </div>
          ))}
      </dl>
      <p class="hint">{t("map.reveal.noted")}</p>
      <button type="button" onClick={close}>
        {t("map.reveal.hide")}
      </button>
    </section>
  );
}

interface Asking {
  length: { shortest: number; longest: number };
  send: (reason: string) => Promise<void>;
  cancel: () => void;
}

function Ask({ length, send, cancel }: Asking) {
  const id = useId();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.form?.scrollIntoView({ block: "nearest" });
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await send(reason.trim());
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <form class="revealed" aria-label={t("map.reveal.open")} onSubmit={submit}>
      <label htmlFor={id}>{t("map.reveal.reason")}</label>
      <textarea
        id={id}
        ref={field}
        rows={2}
        value={reason}
        required
        minLength={length.shortest}
        maxLength={length.longest}
        aria-describedby={`${id}-hint`}
        onInput={(event) => setReason(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && cancel()}
      />
      <p class="hint" id={`${id}-hint`}>
        {t("map.reveal.hint", { shortest: length.shortest })}
      </p>
      {problem && <ProblemNote problem={problem} />}
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {t("map.reveal.do")}
        </button>
        <button type="button" onClick={cancel}>
          {t("map.reveal.cancel")}
        </button>
      </div>
    </form>
  );
}
