/** The published photos of a thing, and a way to add one for those who may. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { me } from "../data/me";
import { imageOf, type PublishedPhoto, publishedOf } from "../data/photos";
import { t } from "../i18n";
import type { LayerFeature } from "../shared/api";
import { ready, resource } from "../shared/loadable";
import { AddPhoto } from "./add-photo";
import { ProblemNote } from "./problem-note";

export function FeaturePhotos({ layer, feature }: { layer: string; feature: LayerFeature }) {
  const uid = String(feature.id);
  const name = String(feature.properties.name ?? feature.properties.code);
  const found = useMemo(() => resource<PublishedPhoto[]>(), []);
  const load = () => found.load(async (signal) => (await publishedOf(layer, uid, signal)).photos);
  useEffect(() => {
    void load();
    return () => found.clear();
  }, [layer, uid]);
  const may = ready(me.state.value)?.may ?? {};
  const adds = (may.upload_photo ?? "none") !== "none" && feature.geometry && !feature.properties.retired_at;
  const answer = found.state.value;
  const photos = ready(answer) ?? [];
  if (!adds && photos.length === 0 && answer.status !== "failed") return null;
  return (
    <section class="photos" aria-labelledby="photos">
      <h3 id="photos">{t("map.photos.title")}</h3>
      {answer.status === "failed" && <ProblemNote problem={answer.problem} retry={load} />}
      {answer.status === "ready" && photos.length === 0 && <p class="hint">{t("map.photos.none")}</p>}
      {photos.length > 0 && <Gallery photos={photos} name={name} />}
      {adds && <AddPhoto layer={layer} uid={uid} reviews={(may.review_photos ?? "none") !== "none"} />}
    </section>
  );
}

function Gallery({ photos, name }: { photos: PublishedPhoto[]; name: string }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <>
      <ul class="photo-list">
        {photos.map(({ uid }, place) => (
          <li key={uid}>
            <button type="button" aria-expanded={open === uid} onClick={() => setOpen(open === uid ? null : uid)}>
              <img
                src={imageOf(uid, "thumbnail")}
                alt={t("map.photos.one", { number: place + 1, count: photos.length, name })}
                loading="lazy"
              />
            </button>
          </li>
        ))}
      </ul>
      {photos
        .filter(({ uid }) => uid === open)
        .map(({ uid, width_px, height_px }) => (
          <img
            key={uid}
            class="photo-large"
            src={imageOf(uid, "full")}
            width={width_px ?? undefined}
            height={height_px ?? undefined}
            alt={t("map.photos.large", { number: photos.findIndex((one) => one.uid === uid) + 1, name })}
          />
        ))}
    </>
  );
}
