/** Chooses a photo, shows it, sends it and says how far it is; it then waits for review. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { MEDIA_TYPES, MOST_BYTES, sendPhoto } from "../data/photos";
import { number, t } from "../i18n";
import { asProblem } from "../shared/loadable";
import { isAbort, type Problem } from "../shared/request";
import { newKey } from "../shared/send-file";
import { ProblemNote } from "./problem-note";

// a phone's camera opens at once; a desk has none to open
const HAS_CAMERA = matchMedia("(pointer: coarse)").matches;

interface Chosen {
  file: File;
  key: string;
}

export function AddPhoto({ layer, uid, reviews }: { layer: string; uid: string; reviews: boolean }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [done, setDone] = useState<"new" | "known" | null>(null);
  const after = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (done) after.current?.focus();
  }, [done]);
  const choose = (file: File) => {
    setDone(null);
    setChosen({ file, key: newKey() });
  };
  if (chosen)
    return (
      <Send
        key={chosen.key}
        chosen={chosen}
        send={async (asked) => {
          const isNew = await sendPhoto(layer, uid, { ...chosen, ...asked });
          setChosen(null);
          setDone(isNew ? "new" : "known");
        }}
        drop={() => setChosen(null)}
      />
    );
  return (
    <>
      {done && (
        <p class="note note-good" role="status" ref={after} tabIndex={-1}>
          {t(done === "new" ? "map.photos.sent" : "map.photos.known")}{" "}
          {reviews && <a href="/photos">{t("map.photos.review")}</a>}
        </p>
      )}
      <div class="actions">
        {HAS_CAMERA && <Choose label={t("map.photos.take")} camera choose={choose} />}
        <Choose label={t(HAS_CAMERA ? "map.photos.choose" : "map.photos.add")} choose={choose} />
      </div>
      <p class="hint">{t("map.photos.hint")}</p>
    </>
  );
}

function Choose({ label, camera, choose }: { label: string; camera?: boolean; choose: (file: File) => void }) {
  return (
    <label class="button">
      <input
        type="file"
        class="visually-hidden"
        accept={MEDIA_TYPES}
        capture={camera ? "environment" : undefined}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) choose(file);
        }}
      />
      {label}
    </label>
  );
}

interface Sending {
  chosen: Chosen;
  send: (asked: { onShare: (share: number) => void; signal: AbortSignal }) => Promise<void>;
  drop: () => void;
}

function Send({ chosen, send, drop }: Sending) {
  const [share, setShare] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const abort = useMemo(() => new AbortController(), []);
  const address = useMemo(() => URL.createObjectURL(chosen.file), []);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus();
    return () => {
      abort.abort();
      URL.revokeObjectURL(address);
    };
  }, []);
  const isTooLarge = chosen.file.size > MOST_BYTES;
  const submit = async () => {
    setProblem(null);
    setShare(0);
    try {
      await send({ onShare: setShare, signal: abort.signal });
    } catch (error) {
      if (isAbort(error)) return;
      setShare(null);
      setProblem(asProblem(error));
    }
  };
  return (
    <div class="photo-send">
      <img src={address} alt={t("map.photos.chosen", { name: chosen.file.name })} />
      {isTooLarge && (
        <p class="note note-bad" role="alert">
          {t("map.photos.too_large", { most: number(MOST_BYTES / 1024 / 1024) })}
        </p>
      )}
      {share !== null && (
        <div role="status">
          <label>
            {t(share < 1 ? "map.photos.sending" : "map.photos.checking")}
            <progress max={1} value={share < 1 ? share : undefined} />
          </label>
        </div>
      )}
      {problem && <ProblemNote problem={problem} />}
      <div class="actions">
        {share === null && !isTooLarge && (
          <button type="button" class="primary" ref={button} onClick={() => void submit()}>
            {t(problem ? "map.retry" : "map.photos.send")}
          </button>
        )}
        <button type="button" onClick={drop}>
          {t("map.photos.drop")}
        </button>
      </div>
    </div>
  );
}
