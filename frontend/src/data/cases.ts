/** Cases: what somebody has to look after on the spot. */
import type { Geometry } from "geojson";
import { amid } from "../shared/inside";
import { request } from "../shared/request";

export interface NewCase {
  category: string;
  description: string;
  /** What it was opened from. */
  source: string;
}

/** Keeps a case handed down from the office, amid a piece of ground, and gives its code; the same key makes one. */
export async function keepCase(made: NewCase, ground: Geometry, key: string): Promise<string> {
  const properties = { ...made, origin: "upper_level", reported_at: new Date().toISOString() };
  const kept = await request<{ properties: { code: string } }>("/api/cases", {
    method: "POST",
    body: { type: "Feature", properties, geometry: { type: "Point", coordinates: amid(ground) } },
    headers: { "Idempotency-Key": key },
  });
  return kept.properties.code;
}
