/** Photos that wait for somebody to look at them, and those that were decided on. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Photo, type Queue, queue, type Review, type Subject } from "../data/photos";
import { moment } from "../i18n/format";
import { resource } from "../shared/loadable";
import { Fault } from "./fault";
import { Choices } from "./field";
import { PhotoReview } from "./photo-review";
import { Rows } from "./rows";
import { subjectName } from "./subject-name";
import { t } from "./texts";

const PAGE = 20;
const STATES: Review[] = ["waiting", "published", "refused"];

export function PhotosPage() {
  const found = useMemo(() => resource<Queue>(), []);
  const [state, setState] = useState<Review>("waiting");
  const [limit, setLimit] = useState(PAGE);
  const [open, setOpen] = useState<{ photo: Photo; subject: Subject } | null>(null);
  const load = () => found.load((signal) => queue(state, limit, signal));
  useEffect(() => void load(), [state, limit]);
  const answer = found.state.value;
  return (
    <div class="stack wide">
      <p class="hint">{t("desk.photos.hint")}</p>
      <div class="pick">
        <Choices
          label={t("desk.photos.state")}
          value={state}
          choices={STATES.map((one) => [one, t(`desk.photos.${one}`)] as const)}
          onValue={(one) => {
            setState(one);
            setLimit(PAGE);
            setOpen(null);
          }}
        />
      </div>
      {answer.status === "loading" && <p role="status">{t("desk.loading")}</p>}
      {answer.status === "failed" && <Fault problem={answer.problem} retry={load} />}
      {answer.status === "ready" && answer.value.photos.length === 0 && (
        <p role="status">{t(`desk.photos.none.${state}`)}</p>
      )}
      {answer.status === "ready" && answer.value.photos.length > 0 && (
        <Listed found={answer.value} open={open?.photo.uid} choose={setOpen} more={() => setLimit(limit + PAGE)} />
      )}
      {open && (
        <PhotoReview
          key={open.photo.uid}
          photo={open.photo}
          subject={open.subject}
          decided={(photo) => {
            setOpen({ ...open, photo });
            void load();
          }}
        />
      )}
    </div>
  );
}

interface Listing {
  found: Queue;
  open: string | undefined;
  choose: (one: { photo: Photo; subject: Subject }) => void;
  more: () => void;
}

function Listed({ found, open, choose, more }: Listing) {
  return (
    <>
      <p role="status">{t("desk.photos.count", { total: found.total, shown: found.photos.length })}</p>
      <Rows
        label={t("desk.photos.title")}
        heads={(["subject", "sent", "by", "area", "reason"] as const).map((name) => t(`desk.photos.col.${name}`))}
        rows={found.photos.map((one) => ({
          key: one.photo.uid,
          isChosen: one.photo.uid === open,
          cells: [
            <button type="button" class="link" aria-expanded={one.photo.uid === open} onClick={() => choose(one)}>
              {subjectName(one.subject)}
            </button>,
            moment(one.photo.created_at),
            one.photo.created_by,
            one.photo.area_code ?? "",
            one.photo.review_reason ?? "",
          ],
        }))}
      />
      {found.total > found.photos.length && (
        <button type="button" onClick={more}>
          {t("desk.photos.more")}
        </button>
      )}
    </>
  );
}
