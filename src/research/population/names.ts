/**
 * Names in both scripts, put together from common family and given names; any likeness to a person is chance.
 * Most people are named in Chinese with the pinyin beside it, some in English with the usual transliteration.
 */
import type { HumanName } from "@medplum/fhirtypes";
import type { Sex } from "./epidemiology.ts";
import type { Random } from "./random.ts";

export type PersonName = { zhFamily: string; zhGiven: string; enFamily: string; enGiven: string; mother: "zh" | "en" };

const families = "王Wang 李Li 张Zhang 刘Liu 陈Chen 杨Yang 赵Zhao 黄Huang 周Zhou 吴Wu 徐Xu 孙Sun 胡Hu 朱Zhu 高Gao 林Lin 何He 郭Guo 马Ma 罗Luo 梁Liang 宋Song 郑Zheng 谢Xie 韩Han 唐Tang 冯Feng 于Yu 董Dong 萧Xiao 程Cheng 曹Cao 袁Yuan 邓Deng 许Xu 傅Fu 沈Shen 曾Zeng 彭Peng 吕Lü 欧阳Ouyang";
const given: Record<Sex, { old: string; young: string }> = {
  male: {
    old: "建国Jianguo 志强Zhiqiang 国华Guohua 德明Deming 永福Yongfu 文斌Wenbin 卫东Weidong 振华Zhenhua 志明Zhiming 建军Jianjun 海涛Haitao 学文Xuewen 明Ming 勇Yong 刚Gang 伟Wei 家辉Jiahui 树生Shusheng 长林Changlin 少华Shaohua",
    young: "浩然Haoran 子轩Zixuan 宇航Yuhang 俊杰Junjie 博文Bowen 睿Rui 天宇Tianyu 梓豪Zihao 一鸣Yiming 嘉伟Jiawei 晨Chen 鹏飞Pengfei 思远Siyuan 亦凡Yifan 泽宇Zeyu 磊Lei 凯Kai 翔Xiang",
  },
  female: {
    old: "秀兰Xiulan 桂英Guiying 玉珍Yuzhen 淑华Shuhua 丽华Lihua 秀英Xiuying 凤英Fengying 春梅Chunmei 爱华Aihua 惠芳Huifang 玉兰Yulan 美玲Meiling 红Hong 敏Min 静Jing 燕Yan 月娥Yue'e 素珍Suzhen 雪梅Xuemei 小红Xiaohong",
    young: "欣怡Xinyi 梓涵Zihan 雨桐Yutong 诗涵Shihan 思琪Siqi 佳怡Jiayi 梦瑶Mengyao 可馨Kexin 婷Ting 雅婷Yating 晓雯Xiaowen 若曦Ruoxi 悦Yue 洁Jie 倩Qian 语嫣Yuyan 安然Anran 一诺Yinuo",
  },
};
const english: Record<Sex, string> = {
  male: "James詹姆斯 Oliver奥利弗 Daniel丹尼尔 Thomas托马斯 Henry亨利 Samuel塞缪尔 David大卫 Robert罗伯特",
  female: "Emma艾玛 Grace格蕾丝 Hannah汉娜 Alice爱丽丝 Sarah萨拉 Helen海伦 Margaret玛格丽特 Julia朱莉娅",
};
const englishFamilies = "Taylor泰勒 Wilson威尔逊 Bennett贝内特 Clarke克拉克 Foster福斯特 Murray默里 Turner特纳 Hughes休斯";

type Pair = { zh: string; en: string };
function pairs(text: string): Pair[] {
  return text.split(" ").map((entry) => {
    const en = entry.replace(/[\u4e00-\u9fff]/g, "");
    return { en, zh: entry.replace(en, "") };
  });
}
const familyPairs = pairs(families), englishFamilyPairs = pairs(englishFamilies);
const englishPairs = { male: pairs(english.male), female: pairs(english.female) };
const givenPairs = {
  male: { old: pairs(given.male.old), young: pairs(given.male.young) },
  female: { old: pairs(given.female.old), young: pairs(given.female.young) },
};

export function drawName(random: Random, sex: Sex, birthYear: number): PersonName {
  if (random.chance(0.06)) {
    const family = random.pick(englishFamilyPairs), first = random.pick(englishPairs[sex]);
    return { zhFamily: family.zh, zhGiven: first.zh, enFamily: family.en, enGiven: first.en, mother: "en" };
  }
  const weights = familyPairs.map((_, i) => 1 / (i + 4));
  const family = familyPairs[random.weighted(weights)]!;
  const first = random.pick(givenPairs[sex][birthYear < 1985 ? "old" : "young"]);
  return { zhFamily: family.zh, zhGiven: first.zh, enFamily: family.en, enGiven: first.en, mother: "zh" };
}

export function zhText(name: PersonName): string {
  return name.mother === "zh" ? name.zhFamily + name.zhGiven : `${name.zhGiven}·${name.zhFamily}`;
}
export function enText(name: PersonName): string {
  return name.mother === "zh" ? `${name.enFamily} ${name.enGiven}` : `${name.enGiven} ${name.enFamily}`;
}

/** Two official names, told apart by http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation (IDE, ABC); the mother tongue first. */
export function humanNames(name: PersonName, prefix?: { en: string; zh: string }): HumanName[] {
  const script = (code: "IDE" | "ABC") => [{ url: "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", valueCode: code }];
  const zh: HumanName = { extension: script("IDE"), use: "official", text: zhText(name) + (prefix ? prefix.zh : ""), family: name.zhFamily, given: [name.zhGiven], ...(prefix ? { suffix: [prefix.zh] } : {}) };
  const en: HumanName = { extension: script("ABC"), use: "official", text: (prefix ? `${prefix.en} ` : "") + enText(name), family: name.enFamily, given: [name.enGiven], ...(prefix ? { prefix: [prefix.en] } : {}) };
  return name.mother === "zh" ? [zh, en] : [en, zh];
}
