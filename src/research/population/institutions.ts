/**
 * The shared part of a population: four institutions of an invented city, their places and the people who work there.
 * Every reference of every person's Bundle that leaves the Bundle ends here.
 */
import type { Location, Organization, Practitioner, PractitionerRole, Resource } from "@medplum/fhirtypes";
import { humanNames, enText, type PersonName } from "./names.ts";
import { concept, translation, type Label } from "./terms.ts";

/** Base of canonical addresses and identifier systems; `.example` can never be a real host (RFC 2606). */
export const base = "https://salus.example/fhir/R4";

/** A literal reference; fits every target type. */
export type Ref = { reference: string; display?: string };

export type Site = "hospital" | "community" | "clinic" | "laboratory";
export const sites: Record<Site, { label: Label; type: Label; code: string; places: Label[] }> = {
  hospital: { label: { en: "Linjiang First Hospital", zh: "临江市第一医院" }, type: { en: "Tertiary hospital", zh: "三级医院" }, code: "prov",
    places: [{ en: "Outpatient building", zh: "门诊楼" }, { en: "Inpatient building", zh: "住院楼" }, { en: "Emergency department", zh: "急诊科" }] },
  community: { label: { en: "Nanhu Community Health Centre", zh: "南湖社区卫生服务中心" }, type: { en: "Community health centre", zh: "社区卫生服务中心" }, code: "prov", places: [{ en: "General practice", zh: "全科门诊" }] },
  clinic: { label: { en: "Qiaotou Specialist Clinic", zh: "桥头专科门诊部" }, type: { en: "Specialist clinic", zh: "专科门诊部" }, code: "prov", places: [{ en: "Consulting rooms", zh: "诊室" }] },
  laboratory: { label: { en: "Linjiang Clinical Laboratory", zh: "临江医学检验中心" }, type: { en: "Clinical laboratory", zh: "医学检验中心" }, code: "prov", places: [{ en: "Laboratory", zh: "检验室" }] },
};

export type Role = "gp1" | "gp2" | "gp3" | "cardiology" | "endocrinology" | "nephrology" | "respiratory" | "psychiatry" | "neurology" | "emergency" | "paediatrics" | "laboratory";
type Staff = { site: Site; specialty: Label; sex: "male" | "female"; name: PersonName };
const staff = (site: Site, en: string, zh: string, sex: Staff["sex"], zhFamily: string, zhGiven: string, enFamily: string, enGiven: string): Staff =>
  ({ site, specialty: { en, zh }, sex, name: { zhFamily, zhGiven, enFamily, enGiven, mother: "zh" } });
export const people: Record<Role, Staff> = {
  gp1: staff("community", "General practice", "全科", "female", "陈", "雅文", "Chen", "Yawen"),
  gp2: staff("community", "General practice", "全科", "male", "刘", "志远", "Liu", "Zhiyuan"),
  gp3: staff("community", "General practice", "全科", "female", "孙", "晓琳", "Sun", "Xiaolin"),
  cardiology: staff("hospital", "Cardiology", "心内科", "male", "周", "明哲", "Zhou", "Mingzhe"),
  endocrinology: staff("hospital", "Endocrinology", "内分泌科", "female", "许", "静怡", "Xu", "Jingyi"),
  nephrology: staff("hospital", "Nephrology", "肾内科", "male", "沈", "立群", "Shen", "Liqun"),
  respiratory: staff("clinic", "Respiratory medicine", "呼吸科", "female", "何", "佩珊", "He", "Peishan"),
  psychiatry: staff("clinic", "Psychiatry", "精神心理科", "male", "罗", "安", "Luo", "An"),
  neurology: staff("hospital", "Neurology", "神经内科", "female", "郑", "慧", "Zheng", "Hui"),
  emergency: staff("hospital", "Emergency medicine", "急诊科", "male", "高", "峰", "Gao", "Feng"),
  paediatrics: staff("community", "Paediatrics", "儿科", "female", "林", "小雨", "Lin", "Xiaoyu"),
  laboratory: staff("laboratory", "Laboratory medicine", "检验科", "male", "方", "正", "Fang", "Zheng"),
};

/** Ready-made references; the objects are shared, never changed. */
export type Shared = {
  prefix: string;
  organization: Record<Site, Ref>; practitioner: Record<Role, Ref>; place: Record<Site, Ref[]>;
  source: Record<Site, string>; resources: Resource[];
};

export function institutions(prefix: string): Shared {
  const resources: Resource[] = [];
  const organization = {} as Record<Site, Ref>, practitioner = {} as Record<Role, Ref>;
  const place = {} as Record<Site, Ref[]>, source = {} as Record<Site, string>;
  for (const [key, site] of Object.entries(sites) as [Site, (typeof sites)[Site]][]) {
    const id = `${prefix}-org-${key}`;
    organization[key] = { reference: `Organization/${id}`, display: site.label.en };
    source[key] = `${base}/Organization/${id}`;
    const resource: Organization & { _name: unknown } = {
      resourceType: "Organization", id, identifier: [{ system: `${base}/identifier/organization`, value: id }], active: true,
      type: [concept(site.type, { system: "http://terminology.hl7.org/CodeSystem/organization-type", code: site.code })],
      name: site.label.en, _name: translation(site.label.zh), alias: [site.label.zh],
      address: [{ use: "work", city: "Linjiang", country: "CN" }],
    };
    resources.push(resource);
    place[key] = site.places.map((label, i) => {
      const placeId = `${prefix}-loc-${key}-${i}`;
      const location: Location & { _name: unknown } = {
        resourceType: "Location", id: placeId, status: "active", name: `${site.label.en}, ${label.en}`, _name: translation(`${site.label.zh}${label.zh}`),
        mode: "instance", managingOrganization: organization[key],
      };
      resources.push(location);
      return { reference: `Location/${placeId}`, display: location.name! };
    });
  }
  for (const [key, person] of Object.entries(people) as [Role, Staff][]) {
    const id = `${prefix}-dr-${key}`;
    const resource: Practitioner = {
      resourceType: "Practitioner", id, identifier: [{ system: `${base}/identifier/staff`, value: id }], active: true,
      name: humanNames(person.name, { en: "Dr", zh: "医生" }), gender: person.sex, communication: [{ coding: [{ system: "urn:ietf:bcp:47", code: "zh-CN" }] }, { coding: [{ system: "urn:ietf:bcp:47", code: "en" }] }],
    };
    resources.push(resource);
    practitioner[key] = { reference: `Practitioner/${id}`, display: `Dr ${enText(person.name)}` };
    const role: PractitionerRole = {
      resourceType: "PractitionerRole", id: `${prefix}-role-${key}`, active: true, practitioner: practitioner[key], organization: organization[person.site],
      code: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/practitioner-role", code: "doctor" }] }], specialty: [concept(person.specialty)], location: [place[person.site][0]!],
    };
    resources.push(role);
  }
  return { prefix, organization, practitioner, place, source, resources };
}
