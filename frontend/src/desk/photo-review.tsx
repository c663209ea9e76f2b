/** One photo: its original when asked for, regions to cover, and the decision. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { me } from "../data/me";
import { type Box, copyOf, originalOf, type Photo, reviewPhoto, type Subject } from "../data/photos";
import { moment } from "../i18n/format";
import { ready, resource } from "../shared/loadable";
import { Boxes, wordsOf } from "./boxes";
import { Fault, useSending } from "./fault";
import { Field } from "./field";
import { subjectName } from "./subject-name";
import { t } from "./texts";

interface Props {
  photo: Photo;
  subject: Subject;
  decided: (photo: Photo) => void;
}

export function PhotoReview({ photo, subject, decided }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [done, setDone] = useState(false);
  const [again, setAgain] = useState(false);
  const name = subjectName(subject);
  useEffect(() => heading.current?.focus(), [done]);
  const isOpen = photo.review === "waiting" || again;
  return (
    <section class="panel stack" aria-labelledby="photo">
      <h2 id="photo" ref={heading} tabIndex={-1}>
        {name}
      </h2>
      {done && photo.review !== "waiting" && (
        <p class="note" role="status">
          {t(`desk.photos.done.${photo.review}`)}
        </p>
      )}
      <Facts photo={photo} subject={subject} />
      {!isOpen && photo.review === "published" && (
        <Published key={photo.version} photo={photo} alt={t("desk.photos.copy", { name })} />
      )}
      {isOpen ? (
        <Decide
          photo={photo}
          name={name}
          decided={(fresh) => {
            setDone(true);
            setAgain(false);
            decided(fresh);
          }}
        />
      ) : (
        <div class="buttons">
          <button type="button" onClick={() => setAgain(true)}>
            {t("desk.photos.again")}
          </button>
        </div>
      )}
    </section>
  );
}

/** The copy as it is now: an address shown before would be taken from the page's memory. */
function Published({ photo, alt }: { photo: Photo; alt: string }) {
  const found = useMemo(() => resource<string>(), []);
  useEffect(() => {
    void found.load(async (signal) => URL.createObjectURL(await copyOf(photo, signal)));
    return () => {
      const address = ready(found.state.peek());
      if (address) URL.revokeObjectURL(address);
      found.clear();
    };
  }, [found]);
  const answer = found.state.value;
  if (answer.status === "failed") return <Fault problem={answer.problem} />;
  if (answer.status !== "ready") return <p role="status">{t("desk.loading")}</p>;
  return <img class="photo" src={answer.value} alt={alt} />;
}

function Facts({ photo, subject }: { photo: Photo; subject: Subject }) {
  const facts: [string, string][] = [
    [t("desk.photos.col.sent"), moment(photo.created_at)],
    [t("desk.photos.col.by"), photo.created_by],
    [t("desk.photos.taken"), photo.taken_at ? moment(photo.taken_at) : ""],
    [t("desk.photos.size"), t("desk.photos.pixels", { width: photo.width_px, height: photo.height_px })],
    [t("desk.photos.col.reason"), photo.review_reason ?? ""],
  ];
  const kind = photo.subject_layer === "buildings" ? "home=" : `feature=${photo.subject_layer}/`;
  return (
    <>
      <dl class="facts">
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <>
              <dt key={label}>{label}</dt>
              <dd>{value}</dd>
            </>
          ))}
      </dl>
      <a href={`/map#${kind}${encodeURIComponent(subject.code)}`}>{t("desk.photos.on_map")}</a>
    </>
  );
}

function Decide({ photo, name, decided }: { photo: Photo; name: string; decided: (photo: Photo) => void }) {
  const [picture, setPicture] = useState<string | null>(null);
  const [boxes, setBoxes] = useState<Box[]>(photo.hidden_regions ?? []);
  const [reason, setReason] = useState("");
  const { busy, problem, send } = useSending();
  useEffect(() => () => (picture ? URL.revokeObjectURL(picture) : undefined), [picture]);
  const seesOriginals = (ready(me.state.value)?.may.read_originals ?? "none") !== "none";
  const look = () => send(async () => setPicture(URL.createObjectURL(await originalOf(photo))));
  const said = reason.trim();
  return (
    <form
      class="stack decide"
      onSubmit={(event) => {
        event.preventDefault();
        void send(async () => decided(await reviewPhoto(photo, { decision: "refused", reason: said })));
      }}
    >
      {!seesOriginals && <p class="note note-warn">{t("desk.photos.no_originals")}</p>}
      {seesOriginals && !picture && (
        <div>
          <button type="button" disabled={busy} onClick={() => void look()}>
            {t("desk.photos.look")}
          </button>{" "}
          <span class="hint">{t("desk.photos.look_hint")}</span>
        </div>
      )}
      {picture && (
        <>
          <p class="hint">{t("desk.photos.draw")}</p>
          <Boxes src={picture} alt={t("desk.photos.original", { name })} boxes={boxes} onBoxes={setBoxes} />
          <Covered boxes={boxes} setBoxes={setBoxes} />
        </>
      )}
      <Field
        label={t("desk.photos.reason")}
        hint={t("desk.photos.reason_hint")}
        value={reason}
        onValue={setReason}
        maxLength={500}
        required
      />
      {problem && <Fault problem={problem} />}
      <div class="buttons">
        {picture && (
          <button
            type="button"
            class="primary"
            disabled={busy}
            onClick={() =>
              void send(async () =>
                decided(await reviewPhoto(photo, { decision: "published", boxes, reason: said || null })),
              )
            }
          >
            {t("desk.photos.publish")}
          </button>
        )}
        <button type="submit" disabled={busy}>
          {t("desk.photos.refuse")}
        </button>
      </div>
      {busy && <p role="status">{t("desk.working")}</p>}
    </form>
  );
}

const MIDDLE: Box = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };

function Covered({ boxes, setBoxes }: { boxes: Box[]; setBoxes: (boxes: Box[]) => void }) {
  return (
    <div>
      <p role="status">{t("desk.photos.boxes", { count: boxes.length })}</p>
      <ul class="cards">
        {boxes.map((box, place) => (
          <li key={place}>
            <span>{wordsOf(box, place + 1)}</span>
            <button
              type="button"
              aria-label={t("desk.photos.drop_box", { number: place + 1 })}
              onClick={() => setBoxes(boxes.filter((one) => one !== box))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => setBoxes([...boxes, { ...MIDDLE }])}>
        {t("desk.photos.add_box")}
      </button>
    </div>
  );
}
