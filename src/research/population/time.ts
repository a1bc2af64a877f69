/**
 * Time in a population: whole days since 1970-01-01 and minutes of the day, in China Standard Time (UTC+8, no
 * daylight saving). No clock is read: the last moment is the start of the as-of day.
 */
import { fail, ok, type Result } from "#platform/result.ts";

export const daysPerYear = 365.25;
const msPerDay = 86_400_000;
const zone = "+08:00";

/** "2026-01-31" → day number. Years 1950–2200. */
export function parseDay(text: string): Result<number> {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return fail("value", `"${text}" is not a date of the form YYYY-MM-DD`);
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  const day = Math.round(ms / msPerDay);
  if (isoDate(day) !== text) return fail("value", `"${text}" is not a day of the calendar`);
  if (Number(match[1]) < 1950 || Number(match[1]) > 2200) return fail("value", `"${text}": the year must be from 1950 to 2200`);
  return ok(day);
}

const dates = new Map<number, string>();
export function isoDate(day: number): string {
  const whole = Math.floor(day);
  let text = dates.get(whole);
  if (text === undefined) {
    text = new Date(whole * msPerDay).toISOString().slice(0, 10);
    if (dates.size > 60_000) dates.clear();
    dates.set(whole, text);
  }
  return text;
}

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** FHIR instant or dateTime; `minute` may pass midnight (1441 is the next day) and carries seconds as a fraction. */
export function isoTime(day: number, minute: number): string {
  const seconds = Math.floor(minute * 60);
  const carried = Math.floor(seconds / 86_400);
  const rest = seconds - carried * 86_400;
  return `${isoDate(day + carried)}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}${zone}`;
}

/** Completed years, as a birthday counts them (29 February falls on 1 March). */
export function ageYears(birthDay: number, day: number): number {
  const born = isoDate(birthDay), now = isoDate(day);
  return Number(now.slice(0, 4)) - Number(born.slice(0, 4)) - (now.slice(5) < born.slice(5) ? 1 : 0);
}

/** Exact age in years, for curves. */
export function exactAge(birthDay: number, day: number): number {
  return (day - birthDay) / daysPerYear;
}

/** 0 = Sunday … 6 = Saturday. */
export function weekday(day: number): number {
  return (((Math.floor(day) + 4) % 7) + 7) % 7;
}
