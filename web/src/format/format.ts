/**
 * Numbers, dates, ages and reference ranges by language. Partial FHIR dates ("1988", "1988-05") keep their
 * precision: a month is never invented. Unreadable input comes back as it was, never as "Invalid Date".
 */
export type Range = { low?: number; high?: number };
export type Place = "in" | "below" | "above" | "unknown";

export type Format = {
  number(value: number, digits?: number): string;
  quantity(value: number, unit: string): string;
  unit(unit: string): string;
  date(text: string | number | undefined): string;
  dateTime(text: string | number | undefined): string;
  time(text: string | number): string;
  ago(text: string, now?: number): string;
  range(range: Range | undefined, unit?: string): string;
  percent(probability: number): string;
  /** Size on disk, in powers of ten. */
  bytes(count: number): string;
  zone: string;
};

/** UCUM as people print it. Only spelling changes; an unknown unit is shown as it stands. */
const unitWords: Record<string, { en: string; zh: string }> = {
  "mm[Hg]": { en: "mmHg", zh: "mmHg" }, "/min": { en: "/min", zh: "次/分" }, "{beats}/min": { en: "/min", zh: "次/分" },
  "mL/min/{1.73_m2}": { en: "mL/min/1.73 m²", zh: "mL/min/1.73 m²" }, "mL/min/1.73m2": { en: "mL/min/1.73 m²", zh: "mL/min/1.73 m²" }, "mL/min/1.73 m2": { en: "mL/min/1.73 m²", zh: "mL/min/1.73 m²" },
  "kg/m2": { en: "kg/m²", zh: "kg/m²" }, Cel: { en: "°C", zh: "°C" }, "{score}": { en: "points", zh: "分" }, points: { en: "points", zh: "分" }, "1": { en: "", zh: "" },
  "1/d": { en: "a day", zh: "/日" }, "/d": { en: "a day", zh: "/日" }, "{steps}/d": { en: "steps a day", zh: "步/日" }, "{steps}": { en: "steps", zh: "步" }, "10*9/L": { en: "×10⁹/L", zh: "×10⁹/L" }, "10*12/L": { en: "×10¹²/L", zh: "×10¹²/L" }, "10*3/uL": { en: "×10³/µL", zh: "×10³/µL" },
  umol: { en: "µmol", zh: "µmol" }, "umol/L": { en: "µmol/L", zh: "µmol/L" }, h: { en: "h", zh: "小时" }, min: { en: "min", zh: "分钟" }, a: { en: "years", zh: "岁" },
};

export function placeInRange(value: number, range: Range | undefined): Place {
  if (!range || (range.low === undefined && range.high === undefined)) return "unknown";
  if (range.low !== undefined && value < range.low) return "below";
  if (range.high !== undefined && value > range.high) return "above";
  return "in";
}

/** One word for several values read together (124/95): outside when any is; unknown only when all are. */
export function placeOfAll(places: readonly Place[]): Place {
  return places.find((place) => place === "above") ?? places.find((place) => place === "below") ?? (places.includes("in") ? "in" : "unknown");
}

/** "12 of 100" from a probability: one decimal under 1 in 100, whole numbers above. */
export function perHundred(probability: number): string {
  const n = probability * 100;
  return n > 0 && n < 1 ? (n < 0.1 ? "<0.1" : n.toFixed(1)) : String(Math.round(n));
}

export function makeFormat(language: "en" | "zh"): Format {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const day = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric" });
  const month = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short" });
  const moment = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const unit = (text: string): string => unitWords[text]?.[language] ?? text;
  const number = (value: number, digits?: number): string => Number.isFinite(value)
    ? new Intl.NumberFormat(locale, digits === undefined ? { maximumSignificantDigits: Math.abs(value) >= 1000 ? 6 : 4 } : { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value).replace(/^-/, "−")
    : "–";
  const date = (text: string | number | undefined): string => {
    if (text === undefined || text === "") return "–";
    if (typeof text === "string" && /^\d{4}$/.test(text)) return language === "zh" ? `${text}年` : text;
    if (typeof text === "string" && /^\d{4}-\d{2}$/.test(text)) return month.format(new Date(`${text}-15T12:00:00`));
    const at = new Date(typeof text === "string" && /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T12:00:00` : text); // noon: a date has no zone
    return Number.isNaN(at.getTime()) ? String(text) : day.format(at);
  };
  return {
    number, unit, date, zone,
    quantity: (value, code) => {
      const word = unit(code);
      return word === "" ? number(value) : word === "%" ? `${number(value)}%` : `${number(value)}\u00a0${word}`;
    },
    dateTime: (text) => {
      if (typeof text === "string" && !text.includes("T")) return date(text);
      const at = new Date(text ?? NaN);
      return Number.isNaN(at.getTime()) ? date(text) : moment.format(at);
    },
    time: (text) => clock.format(new Date(text)),
    ago: (text, now = Date.now()) => {
      const seconds = (Date.parse(text) - now) / 1000, size = Math.abs(seconds);
      if (Number.isNaN(seconds)) return text;
      if (size < 90) return relative.format(Math.round(seconds / 60), "minute");
      if (size < 5400) return relative.format(Math.round(seconds / 60), "minute");
      if (size < 129_600) return relative.format(Math.round(seconds / 3600), "hour");
      if (size < 14 * 86_400) return relative.format(Math.round(seconds / 86_400), "day");
      return date(text);
    },
    range: (range, code) => {
      if (!range) return "–";
      const tail = code && unit(code) ? ` ${unit(code)}` : "";
      if (range.low !== undefined && range.high !== undefined) return `${number(range.low)}–${number(range.high)}${tail}`;
      if (range.low !== undefined) return `≥ ${number(range.low)}${tail}`;
      return range.high !== undefined ? `≤ ${number(range.high)}${tail}` : "–";
    },
    bytes: (count) => count >= 1e9 ? `${number(count / 1e9)} GB` : `${number(count / 1e6)} MB`,
    percent: (probability) => `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(probability * 100)}%`,
  };
}
