/** One person from birth to the last day: biology, care, devices, and the Patient that all of it is about. */
import type { CareTeam, Patient, Resource } from "@medplum/fhirtypes";
import { characters } from "./characters.ts";
import { createChart } from "./chart.ts";
import { runCourse, wearableDays } from "./course.ts";
import { deathTime } from "./events.ts";
import { base, type Role, type Shared, type Site } from "./institutions.ts";
import { live } from "./life.ts";
import { drawName, enText, humanNames } from "./names.ts";
import { random } from "./random.ts";
import type { Case } from "./state.ts";
import { addStrip } from "./strips.ts";
import { coded, concept, translation } from "./terms.ts";
import { daysPerYear, isoDate } from "./time.ts";
import { wear } from "./wearables.ts";

const streets = [["Heping Road", "和平路"], ["Binjiang Avenue", "滨江大道"], ["Xueyuan Street", "学院街"], ["Changqing Lane", "长青巷"], ["Yanhu Road", "沿湖路"], ["Wenhua Street", "文化街"]] as const;
/** Share of adults who wear a watch. */
const wearableShare = 0.16;

/** Resources of person `index`, the Patient first. The same for every size of population. */
export function person(seed: string, index: number, lastDay: number, shared: Shared): Resource[] {
  const character = characters[index];
  const forced = character?.forced ?? {};
  const life = live(seed, index, lastDay, forced);
  const habits = random(seed, index, "habits"), identity = random(seed, index, "identity");
  const chart = createChart(shared, index, life.sex);
  const years = (lastDay - life.birthDay) / daysPerYear;
  const drawnGp: Role = (["gp1", "gp2", "gp3"] as const)[habits.weighted([0.6, 0.25, 0.15])]!;
  const adherence = habits.between(0.45, 1);
  const wears = habits.chance(wearableShare) && years >= 18 && years < 88;
  const c: Case = {
    life, chart, forced, gp: forced.demoDoctor ? "gp1" : drawnGp, r: random(seed, index, "care"), noise: random(seed, index, "noise"), known: {}, taking: new Map(), pressures: [], egfrs: [], acrs: [],
    agenda: [], sequence: 0, lastReview: {}, stepped: {}, adherence: forced.adherence ?? adherence, wearable: forced.wearable ?? wears, penicillinAllergy: habits.chance(0.05),
  };
  runCourse(c);
  if (c.died === undefined) {
    if (c.wearable) devices(c, seed, index);
    strips(c, seed);
  } else settle(chart.resources, c.died);

  const drawnName = drawName(identity, life.sex, Number(isoDate(life.birthDay).slice(0, 4)));
  const name = character?.name ?? drawnName;
  const street = identity.pick(streets), house = 1 + identity.int(180);
  const married = years > 24 + identity.int(8), widowed = years > 70 + identity.int(20);
  const visited = new Set<Site>();
  const seenBy = new Map<Role, number>();
  for (const resource of chart.resources) {
    if (resource.resourceType !== "Encounter") continue;
    for (const site of ["hospital", "community", "clinic"] as const) if (resource.serviceProvider?.reference === shared.organization[site].reference) visited.add(site);
    for (const role of ["cardiology", "endocrinology", "nephrology", "respiratory", "psychiatry", "neurology"] as const) if (resource.participant?.[0]?.individual?.reference === shared.practitioner[role].reference) seenBy.set(role, (seenBy.get(role) ?? 0) + 1);
  }
  visited.add("community");
  const address = { use: "home", type: "physical", text: `${house} ${street[0]}, Nanhu District, Linjiang`, _text: translation(`临江市南湖区${street[1]}${house}号`), line: [`${house} ${street[0]}`], city: "Linjiang", district: "Nanhu", country: "CN" } as const;
  const patient: Patient = {
    resourceType: "Patient", id: chart.person, meta: { source: shared.source.community },
    identifier: [...visited].sort().map((site) => ({
      use: "official" as const, type: coded("http://terminology.hl7.org/CodeSystem/v2-0203", "MR"), system: `${base}/identifier/${site}-record`, value: `${site.slice(0, 1).toUpperCase()}${String(index + 1).padStart(7, "0")}`, assigner: shared.organization[site],
    })),
    active: true, name: humanNames(name),
    // +86 000 is no number range, so that nobody is called.
    telecom: [{ system: "phone", value: `+86 000 ${String(10_000_000 + index).slice(0, 4)} ${String(10_000_000 + index).slice(4)}`, use: "mobile" }],
    gender: life.sex, birthDate: isoDate(life.birthDay), ...(c.died === undefined ? {} : { deceasedDateTime: deathTime(c.died) }), address: [{ ...address, line: [...address.line] }],
    ...(years >= 22 ? { maritalStatus: coded("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", widowed ? "W" : married ? "M" : "S") } : {}),
    communication: [{ language: coded("urn:ietf:bcp:47", name.mother === "zh" ? "zh-CN" : "en"), preferred: true }],
    generalPractitioner: [shared.practitioner[c.gp]], managingOrganization: shared.organization.community,
  };
  const team: CareTeam | undefined = seenBy.size === 0 ? undefined : {
    resourceType: "CareTeam", id: `${chart.person}-team`, meta: { source: shared.source.community }, status: c.died === undefined ? "active" : "inactive", name: `Care team of ${enText(name)}`, subject: chart.subject,
    participant: [{ role: [concept({ en: "General practitioner", zh: "全科医生" })], member: shared.practitioner[c.gp], onBehalfOf: shared.organization.community },
      ...[...seenBy.keys()].sort().map((role) => ({ member: shared.practitioner[role] }))],
    managingOrganization: [shared.organization.community],
  };
  return [patient, ...(team ? [team] : []), ...chart.resources];
}

function devices(c: Case, seed: string, index: number): void {
  const { lastDay } = c.life;
  const r = random(seed, index, "wearable");
  const from = lastDay - wearableDays + 1;
  const { watch } = wear(c, r, from, lastDay);
  const days = [from + 20 + r.int(60), lastDay - 5 - r.int(30)];
  const began = c.life.onset.atrialFibrillation;
  if (began !== undefined && began > from) days.push(began + 1, Math.min(lastDay, began + 8)); // the strips behind the alert
  for (const day of [...new Set(days)].sort((a, b) => a - b)) if (day >= from) addStrip(c, seed, { day, minute: 430 + r.int(700), seconds: 30, lead: "I", device: watch, label: { en: "ECG strip, wearable", zh: "可穿戴心电图" } });
}

/** The newest ECG done by a doctor keeps its waveform; older ones are procedures only. */
function strips(c: Case, seed: string): void {
  const { chart } = c;
  for (let i = chart.resources.length - 1; i >= 0; i--) {
    const resource = chart.resources[i]!;
    if (resource.resourceType !== "Procedure" || resource.code?.text !== "12-lead electrocardiogram") continue;
    const encounter = chart.resources.find((x) => x.resourceType === "Encounter" && `Encounter/${x.id}` === resource.encounter?.reference);
    const visit = encounter && chart.visits.get(encounter.id!);
    if (visit) addStrip(c, seed, { day: visit.day, minute: visit.minute + 8, seconds: 30, lead: "II", visit, label: { en: "ECG, rhythm lead", zh: "心电图节律导联" } });
    return;
  }
}

/** Nothing ends after death: stays are cut short, illnesses not yet over stay as they were, courses end that day. */
function settle(resources: readonly Resource[], died: number): void {
  const date = isoDate(died), time = deathTime(died);
  for (const x of resources) {
    if (x.resourceType === "Encounter" && x.period!.end! > time) x.period!.end = time;
    else if (x.resourceType === "Condition" && x.abatementDateTime !== undefined && x.abatementDateTime > date) {
      delete x.abatementDateTime;
      x.clinicalStatus = coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active");
    } else if (x.resourceType === "MedicationRequest") {
      const bounds = x.dosageInstruction?.[0]?.timing?.repeat?.boundsPeriod;
      if (bounds?.end !== undefined && bounds.end > date) bounds.end = date;
    }
  }
}

