/** Numbers, shares, lengths and moments as the language in use writes them. */
import { lang } from "../shared/lang";

const locale = () => (lang.value === "zh" ? "zh-CN" : "en-GB");

export const number = (value: number, digits = 0): string =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);

/** A share 0..1 as per cent; never rounds up to 100 % or down to 0 % what is not. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return "–";
  if (share > 0.9995 && share < 1) return ">99.9%";
  if (share > 0 && share < 0.0005) return "<0.1%";
  return `${number(share * 100, 1)}%`;
}

export function metres(value: number): string {
  return value >= 10000 ? `${number(value / 1000, 1)}\u00a0km` : `${number(value)}\u00a0m`;
}

export const moment = (iso: string): string => {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(date);
};
