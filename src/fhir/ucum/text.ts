/**
 * Units as people and machines write them ("mmHg", "bpm", "kg/m²", "K/uL") → UCUM code. Kept apart from parseUnit,
 * which takes UCUM alone: an alias is a guess at meaning, to be used on import and for display, never on codes that
 * claim to be UCUM. A word with two usual meanings ("F", "C", "M") is not guessed.
 */
import { parseUnit } from "./parse.ts";

/** Whole spellings, in small letters without blanks. */
const whole: Readonly<Record<string, string>> = {
  bpm: "{beats}/min", "beats/minute": "{beats}/min", "beatsperminute": "{beats}/min", "beats/min": "{beats}/min", "breaths/min": "{breaths}/min", "breaths/minute": "{breaths}/min", "breathsperminute": "{breaths}/min",
  rpm: "{breaths}/min", "resp/min": "{breaths}/min", "insp/min": "{breaths}/min", "pulse/min": "{beats}/min", lpm: "L/min",
  "ml/min/1.73m2": "mL/min/{1.73_m2}", "ml/min/1.73": "mL/min/{1.73_m2}", "ml/min/1.73sqm": "mL/min/{1.73_m2}", "ml/min/1.73m^2": "mL/min/{1.73_m2}", "ml/min/{1.73_m2}": "mL/min/{1.73_m2}",
  "k/ul": "10*3/uL", "thou/ul": "10*3/uL", "th/ul": "10*3/uL", "k/mm3": "10*3/uL", "k/cumm": "10*3/uL", "m/ul": "10*6/uL", "mil/ul": "10*6/uL", "million/ul": "10*6/uL",
  "g/dlcalc": "g/dL", "cells/cumm": "{cells}/uL", "/hpf": "/[HPF]", "/lpf": "/[LPF]", "%oftotal": "%", percent: "%", pct: "%", "vol%": "%",
  "°c": "Cel", "℃": "Cel", degc: "Cel", "deg.c": "Cel", celsius: "Cel", degreescelsius: "Cel", "°f": "[degF]", "℉": "[degF]", degf: "[degF]", "deg.f": "[degF]", fahrenheit: "[degF]", degreesfahrenheit: "[degF]",
  ratio: "{ratio}", score: "{score}", steps: "{steps}", count: "{count}", index: "{index}", points: "{score}", inr: "{INR}", unitless: "1", none: "1",
  ph: "[pH]", "phunits": "[pH]", psi: "[psi]", mets: "[MET]", fahrenheitdegree: "[degF]",
};

/** Single words, in small letters. */
const words: Readonly<Record<string, string>> = {
  mmhg: "mm[Hg]", torr: "mm[Hg]", inhg: "[in_i'Hg]", cmh2o: "cm[H2O]", mmh2o: "mm[H2O]",
  lb: "[lb_av]", lbs: "[lb_av]", pound: "[lb_av]", pounds: "[lb_av]", oz: "[oz_av]", ounce: "[oz_av]", ounces: "[oz_av]", stone: "[stone_av]", in: "[in_i]", inch: "[in_i]", inches: "[in_i]", ft: "[ft_i]", foot: "[ft_i]", feet: "[ft_i]",
  yd: "[yd_i]", yard: "[yd_i]", yards: "[yd_i]", mile: "[mi_i]", miles: "[mi_i]", kilogram: "kg", kilograms: "kg", kgs: "kg", gram: "g", grams: "g", gm: "g", gms: "g", milligram: "mg", milligrams: "mg", mcg: "ug", microgram: "ug", micrograms: "ug", ug: "ug",
  nanogram: "ng", nanograms: "ng", metre: "m", metres: "m", meter: "m", meters: "m", centimetre: "cm", centimetres: "cm", centimeter: "cm", centimeters: "cm", km: "km", kilometre: "km", kilometres: "km", kilometer: "km", kilometers: "km",
  litre: "L", litres: "L", liter: "L", liters: "L", ltr: "L", millilitre: "mL", millilitres: "mL", milliliter: "mL", milliliters: "mL", ml: "mL", dl: "dL", ul: "uL", mcl: "uL", fl: "fL", cc: "mL", cumm: "uL", mm3: "uL", sqm: "m2",
  second: "s", seconds: "s", sec: "s", secs: "s", msec: "ms", minute: "min", minutes: "min", mins: "min", hour: "h", hours: "h", hr: "h", hrs: "h", day: "d", days: "d", week: "wk", weeks: "wk", wks: "wk", month: "mo", months: "mo", mos: "mo", year: "a", years: "a", yr: "a", yrs: "a", y: "a",
  iu: "[IU]", miu: "m[IU]", uiu: "u[IU]", kiu: "k[IU]", meq: "meq", ueq: "ueq", mosm: "mosm", mosmol: "mosm", mmol: "mmol", umol: "umol", nmol: "nmol", pmol: "pmol", millimole: "mmol", millimoles: "mmol",
  "units": "U", unit: "U", mu: "mU", kcal: "kcal", calories: "[Cal]", calorie: "[Cal]", beats: "{beats}", beat: "{beats}", breaths: "{breaths}", cells: "{cells}", copies: "{copies}", creat: "{creat}", cfu: "[CFU]", pfu: "[PFU]", hpf: "[HPF]", lpf: "[LPF]",
  percent: "%", tsp: "[tsp_us]", tbsp: "[tbs_us]", drop: "[drp]", drops: "[drp]", steps: "{steps}", step: "{steps}", counts: "{counts}", tablets: "{tbl}", tablet: "{tbl}", hertz: "Hz", watt: "W", watts: "W", volt: "V", volts: "V", millivolt: "mV", millivolts: "mV", ppm: "[ppm]", ppb: "[ppb]", diopter: "[diop]", diopters: "[diop]", fr: "[Ch]",
};

/** Valid UCUM of another meaning than is usually meant: MG is megagauss, F farad. Small letters are meant, or nobody knows. */
const shouted = new Set(["MG", "ML", "DL", "UL", "KG", "UG", "NG", "PG", "CM", "MM", "KM", "MMOL", "UMOL", "NMOL", "PMOL", "MEQ", "MOSM", "MIN", "HR", "GM", "FL"]);
const ambiguous = new Set(["F", "C"]);

/** UCUM code for a unit as written; undefined when it is not known or could mean two things. Other UCUM codes pass unchanged. */
export function unitFromText(text: string): string | undefined {
  if (text.length > 200) return undefined; // before anything searches it: blanks without end cost their square
  const tidy = text.normalize("NFKC").replace(/[µμ]/g, "u").replace(/[·⋅×]/g, ".").trim()
    .replace(/(?:^|\s+)per\s+/gi, "/").replace(/\s*\/\s*/g, "/");
  if (tidy === "" || tidy.length > 100 || ambiguous.has(tidy)) return undefined;
  const closed = tidy.replace(/\s+/g, "");
  const small = closed.toLowerCase();
  if (Object.hasOwn(whole, small)) return whole[small];
  const parts = closed.split("/").map(part => part.split("."));
  if (parseUnit(tidy).ok && !parts.flat().some(part => shouted.has(part))) return tidy;
  const power = /^(?:x|\.)?10(?:\^|\*|e|\*\*)?\(?(\d{1,2})\)?\/(.+)$/i.exec(closed);
  if (power) {
    const rest = unitFromText(power[2]!);
    return rest === undefined ? undefined : checked(`10*${power[1]}/${rest}`);
  }
  return checked(parts.map(part => part.map(word).join(".")).join("/"));
}

function word(part: string): string {
  const stated = /^(.*?)\^?([+-]?\d+)?$/.exec(part)!;
  const [, name = "", exponent = ""] = stated;
  if (shouted.has(part)) return words[part.toLowerCase()] ?? part.toLowerCase();
  if (part !== "" && parseUnit(part).ok) return part;
  const small = part.toLowerCase();
  if (Object.hasOwn(words, small)) return words[small]!;
  const known = name.toLowerCase();
  return Object.hasOwn(words, known) ? words[known]! + exponent : name + exponent;
}

function checked(code: string): string | undefined {
  return parseUnit(code).ok ? code : undefined;
}
