/** What was typed into a field as a value, and back. */

/** A number where it is one; what was typed otherwise, so that it can be refused in words. */
export function numberFrom(typed: string): number | string | null {
  const plain = typed.trim().replace(/[，,\s]/g, "");
  if (plain === "") return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : typed;
}

/** A moment as the field of this browser's zone shows it, and back. */
export function localMoment(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "";
  const two = (part: number) => String(part).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

export function momentFrom(local: string): string | null {
  const moment = new Date(local);
  return local === "" || Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}
