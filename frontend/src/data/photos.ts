/** Photos: those published of a thing, one sent, and those to review. */
import type { LayerMeta } from "../shared/api";
import type { Bilingual } from "../shared/lang";
import { isAbort, request, requestBytes } from "../shared/request";
import { type FileAsked, sendFile } from "../shared/send-file";

export const MEDIA_TYPES = "image/jpeg,image/png,image/webp";
export const MOST_BYTES = 20 * 1024 * 1024;

export interface PublishedPhoto {
  uid: string;
  width_px: number | null;
  height_px: number | null;
}

export const publishedOf = (layer: string, ident: string, signal: AbortSignal) =>
  request<{ photos: PublishedPhoto[] }>(`/api/${layer}/${encodeURIComponent(ident)}/photos`, { signal });

export const imageOf = (uid: string, size: "full" | "thumbnail"): string => `/api/photos/${uid}/image?size=${size}`;

/** Whether the photo is new; the same one of the same thing is kept once. */
export const sendPhoto = async (layer: string, uid: string, asked: Omit<FileAsked, "query">): Promise<boolean> =>
  (await sendFile("/api/photos", { ...asked, query: { subject_layer: layer, subject_uid: uid } })) === 201;

export type Review = "waiting" | "published" | "refused";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Photo {
  uid: string;
  version: number;
  subject_layer: string;
  subject_uid: string;
  area_code: string | null;
  taken_at: string | null;
  media_type: string;
  width_px: number;
  height_px: number;
  review: Review;
  review_reason: string | null;
  hidden_regions: Box[] | null;
  created_at: string;
  created_by: string;
}

/** What a photo shows: its layer in words, its name where it has one, its code. */
export interface Subject {
  kind: Bilingual | null;
  name: string | null;
  code: string;
}

export interface Queue {
  photos: { photo: Photo; subject: Subject }[];
  total: number;
}

interface Rows<T> {
  features: { properties: T }[];
  numberMatched: number;
}

/** The photos of a state, those that wait longest or were decided last first, with what they show. */
export async function queue(review: Review, limit: number, signal: AbortSignal): Promise<Queue> {
  const sort = review === "waiting" ? "created_at" : "-updated_at";
  const [layers, found] = await Promise.all([
    request<LayerMeta[]>("/api/layers", { signal }),
    request<Rows<Photo>>("/api/photos", { query: { review, sort, limit }, signal }),
  ]);
  const photos = found.features.map(({ properties }) => properties);
  const asked = new Map<string, Promise<Subject>>();
  const subjectOf = (photo: Photo): Promise<Subject> => {
    const path = `/api/${photo.subject_layer}/${photo.subject_uid}`;
    const meta = layers.find(({ name }) => name === photo.subject_layer);
    const known = asked.get(path) ?? subject(path, meta, photo.subject_uid, signal);
    asked.set(path, known);
    return known;
  };
  const shown = photos.map(async (photo) => ({ photo, subject: await subjectOf(photo) }));
  return { photos: await Promise.all(shown), total: found.numberMatched };
}

async function subject(path: string, meta: LayerMeta | undefined, uid: string, signal: AbortSignal): Promise<Subject> {
  const kind = meta?.label_one ?? meta?.label ?? null;
  try {
    const { properties } = await request<{ properties: { name?: string | null; code: string } }>(path, { signal });
    return { kind, name: properties.name ?? null, code: properties.code };
  } catch (error) {
    if (isAbort(error)) throw error;
    return { kind, name: null, code: uid }; // its thing cannot be read: the photo still can be decided on
  }
}

const picture = async (path: string, type: string, signal?: AbortSignal): Promise<Blob> =>
  new Blob([(await requestBytes(path, signal)) ?? new ArrayBuffer(0)], { type });

/** The original, as it came; that it was looked at stands in the audit. */
export const originalOf = (photo: Photo) => picture(`/api/photos/${photo.uid}/original`, photo.media_type);
export const copyOf = (photo: Photo, signal: AbortSignal) => picture(imageOf(photo.uid, "full"), "image/jpeg", signal);

export type Decision =
  | { decision: "published"; boxes: Box[]; reason: string | null }
  | { decision: "refused"; reason: string };

export const reviewPhoto = async (photo: Photo, said: Decision): Promise<Photo> =>
  (
    await request<{ properties: Photo }>(`/api/photos/${photo.uid}/review`, {
      method: "POST",
      body: said,
      headers: { "If-Match": `"${photo.version}"` },
    })
  ).properties;
