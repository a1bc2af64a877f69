/**
 * Prefixes and unit atoms of UCUM 2.2, case-sensitive codes.
 * Source: https://ucum.org/ucum, tables 1–25; the value of each atom is given there. UCUM is © Regenstrief Institute.
 * One deliberate difference: `mol` is a base unit (UCUM counts it as the number 6.02214076 × 10^23), so that an
 * amount of substance never passes for a plain number.
 */

/** Table 1. Powers of ten. */
export const prefixes: ReadonlyMap<string, number> = new Map(Object.entries({
  Y: 24, Z: 21, E: 18, P: 15, T: 12, G: 9, M: 6, k: 3, h: 2, da: 1, d: -1, c: -2, m: -3, u: -6, n: -9, p: -12, f: -15, a: -18, z: -21, y: -24,
}));

/** Table 26. Powers of two. */
export const binaryPrefixes: ReadonlyMap<string, number> = new Map(Object.entries({ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }));

/** Table 2 of the spec's base units, with mol; the order in which canonical units are written. */
export const baseUnits = ["g", "mol", "m", "s", "K", "C", "cd", "rad"] as const;

/** Defined unit: `value` (decimal text) times `unit`; `metric` ones take prefixes. */
export type Atom = { value: string; unit: string; metric: boolean };

const metric = (value: string, unit: string): Atom => ({ value, unit, metric: true });
const plain = (value: string, unit: string): Atom => ({ value, unit, metric: false });

export const atoms: ReadonlyMap<string, Atom> = new Map(Object.entries({
  // dimensionless (table 3)
  "10*": plain("10", "1"), "10^": plain("10", "1"), "[pi]": plain("3.141592653589793", "1"),
  "%": plain("1", "10*-2"), "[ppth]": plain("1", "10*-3"), "[ppm]": plain("1", "10*-6"), "[ppb]": plain("1", "10*-9"), "[pptr]": plain("1", "10*-12"),
  // SI (table 4)
  sr: metric("1", "rad2"), Hz: metric("1", "s-1"), N: metric("1", "kg.m/s2"), Pa: metric("1", "N/m2"), J: metric("1", "N.m"), W: metric("1", "J/s"),
  A: metric("1", "C/s"), V: metric("1", "J/C"), F: metric("1", "C/V"), Ohm: metric("1", "V/A"), S: metric("1", "Ohm-1"), Wb: metric("1", "V.s"),
  T: metric("1", "Wb/m2"), H: metric("1", "Wb/A"), lm: metric("1", "cd.sr"), lx: metric("1", "lm/m2"), Bq: metric("1", "s-1"), Gy: metric("1", "J/kg"), Sv: metric("1", "J/kg"),
  // used with SI (table 5)
  gon: plain("0.9", "deg"), deg: plain("2", "[pi].rad/360"), "'": plain("1", "deg/60"), "''": plain("1", "'/60"),
  l: metric("1", "dm3"), L: metric("1", "l"), ar: metric("100", "m2"), min: plain("60", "s"), h: plain("60", "min"), d: plain("24", "h"),
  a_t: plain("365.24219", "d"), a_j: plain("365.25", "d"), a_g: plain("365.2425", "d"), a: plain("1", "a_j"), wk: plain("7", "d"),
  mo_s: plain("29.53059", "d"), mo_j: plain("1", "a_j/12"), mo_g: plain("1", "a_g/12"), mo: plain("1", "mo_j"),
  t: metric("1000", "kg"), bar: metric("1e5", "Pa"), u: metric("1.66053906660e-24", "g"), eV: metric("1", "[e].V"),
  // natural units (table 7)
  "[c]": metric("299792458", "m/s"), "[h]": metric("6.62607015e-34", "J.s"), "[k]": metric("1.380649e-23", "J/K"), "[e]": metric("1.602176634e-19", "C"),
  "[g]": metric("9.80665", "m/s2"), atm: plain("101325", "Pa"), gf: metric("1", "g.[g]"), "[lbf_av]": plain("1", "[lb_av].[g]"),
  // CGS (table 8)
  Ky: metric("1", "cm-1"), Gal: metric("1", "cm/s2"), dyn: metric("1", "g.cm/s2"), erg: metric("1", "dyn.cm"), P: metric("1", "dyn.s/cm2"), St: metric("1", "cm2/s"),
  G: metric("1e-4", "T"), Ci: metric("37e9", "Bq"), R: metric("2.58e-4", "C/kg"), RAD: metric("100", "erg/g"), REM: metric("1", "RAD"),
  // customary lengths, areas, volumes (tables 9–14)
  "[in_i]": plain("2.54", "cm"), "[ft_i]": plain("12", "[in_i]"), "[yd_i]": plain("3", "[ft_i]"), "[mi_i]": plain("5280", "[ft_i]"), "[nmi_i]": plain("1852", "m"), "[kn_i]": plain("1", "[nmi_i]/h"),
  "[sin_i]": plain("1", "[in_i]2"), "[sft_i]": plain("1", "[ft_i]2"), "[syd_i]": plain("1", "[yd_i]2"), "[cin_i]": plain("1", "[in_i]3"), "[cft_i]": plain("1", "[ft_i]3"), "[mil_i]": plain("1e-3", "[in_i]"),
  "[gal_us]": plain("231", "[in_i]3"), "[qt_us]": plain("1", "[gal_us]/4"), "[pt_us]": plain("1", "[qt_us]/2"), "[gil_us]": plain("1", "[pt_us]/4"), "[foz_us]": plain("1", "[gil_us]/4"),
  "[fdr_us]": plain("1", "[foz_us]/8"), "[min_us]": plain("1", "[fdr_us]/60"), "[tbs_us]": plain("1", "[foz_us]/2"), "[tsp_us]": plain("1", "[tbs_us]/3"), "[cup_us]": plain("16", "[tbs_us]"),
  "[foz_m]": plain("30", "mL"), "[cup_m]": plain("240", "mL"), "[tsp_m]": plain("5", "mL"), "[tbs_m]": plain("15", "mL"),
  "[gal_br]": plain("4.54609", "l"), "[qt_br]": plain("1", "[gal_br]/4"), "[pt_br]": plain("1", "[qt_br]/2"), "[gil_br]": plain("1", "[pt_br]/4"), "[foz_br]": plain("1", "[gil_br]/5"),
  // weights (tables 15–17)
  "[gr]": plain("64.79891", "mg"), "[lb_av]": plain("7000", "[gr]"), "[oz_av]": plain("1", "[lb_av]/16"), "[dr_av]": plain("1", "[oz_av]/16"), "[stone_av]": plain("14", "[lb_av]"),
  "[oz_tr]": plain("20", "[pwt_tr]"), "[sc_ap]": plain("20", "[gr]"), "[dr_ap]": plain("3", "[sc_ap]"), "[oz_ap]": plain("8", "[dr_ap]"), "[lb_ap]": plain("12", "[oz_ap]"), "[oz_m]": plain("28", "g"), "[car_m]": plain("0.2", "g"),
  // heat (table 19)
  "[degR]": plain("5", "K/9"), cal_th: metric("4.184", "J"), cal_IT: metric("4.1868", "J"), cal: metric("1", "cal_th"), "[Cal]": plain("1", "kcal_th"), "[Btu]": plain("1", "[Btu_th]"), "[HP]": plain("550", "[ft_i].[lbf_av]/s"),
  // clinical (table 20)
  "m[H2O]": metric("9.80665", "kPa"), "m[Hg]": metric("133.3220", "kPa"), "[in_i'H2O]": plain("1", "m[H2O].[in_i]/m"), "[in_i'Hg]": plain("1", "m[Hg].[in_i]/m"),
  "[PRU]": plain("1", "mm[Hg].s/ml"), "[wood'U]": plain("1", "mm[Hg].min/L"), "[diop]": plain("1", "/m"), "[mesh_i]": plain("1", "/[in_i]"), "[Ch]": plain("1", "mm/3"),
  "[drp]": plain("1", "ml/20"), "[hnsf'U]": plain("1", "1"), "[MET]": plain("3.5", "mL/min/kg"),
  // chemical and biochemical (table 21)
  eq: metric("1", "mol"), osm: metric("1", "mol"), "g%": metric("1", "g/dl"), "[S]": plain("1", "10*-13.s"), "[HPF]": plain("1", "1"), "[LPF]": plain("100", "1"), kat: metric("1", "mol/s"), U: metric("1", "umol/min"),
  "[IU]": metric("1", "[iU]"),
  // miscellaneous (tables 23–25)
  st: metric("1", "m3"), Ao: plain("0.1", "nm"), b: plain("100", "fm2"), mho: metric("1", "S"), "[psi]": plain("1", "[lbf_av]/[in_i]2"), circ: plain("2", "[pi].rad"), sph: plain("4", "[pi].sr"),
  // astronomy and the rest of the natural units (tables 5, 7)
  AU: plain("149597.870691", "Mm"), pc: metric("3.085678e16", "m"), "[eps_0]": metric("8.854187817e-12", "F/m"), "[mu_0]": metric("1", "4.[pi].10*-7.N/A2"), "[m_e]": metric("9.1093837139e-31", "kg"), "[m_p]": metric("1.67262192595e-27", "kg"),
  "[G]": metric("6.67430e-11", "m3.kg-1.s-2"), "[ly]": metric("1", "[c].a_j"),
  // the rest of CGS (table 8)
  Bi: metric("10", "A"), Mx: metric("1e-8", "Wb"), Oe: metric("250", "/[pi].A/m"), Gb: metric("1", "Oe.cm"), sb: metric("1", "cd/cm2"), Lmb: metric("1", "cd/cm2/[pi]"),
  ph: metric("1e-4", "lx"),
  // the rest of the customary and typesetters' units (tables 9–18)
  "[fth_i]": plain("6", "[ft_i]"), "[cyd_i]": plain("1", "[yd_i]3"), "[bf_i]": plain("144", "[in_i]3"), "[cr_i]": plain("128", "[ft_i]3"), "[cml_i]": plain("1", "[pi]/4.[mil_i]2"), "[hd_i]": plain("4", "[in_i]"),
  "[ft_us]": plain("1200", "m/3937"), "[yd_us]": plain("3", "[ft_us]"), "[in_us]": plain("1", "[ft_us]/12"), "[rd_us]": plain("16.5", "[ft_us]"), "[ch_us]": plain("4", "[rd_us]"), "[lk_us]": plain("1", "[ch_us]/100"),
  "[rch_us]": plain("100", "[ft_us]"), "[rlk_us]": plain("1", "[rch_us]/100"), "[fth_us]": plain("6", "[ft_us]"), "[fur_us]": plain("40", "[rd_us]"), "[mi_us]": plain("8", "[fur_us]"), "[acr_us]": plain("160", "[rd_us]2"),
  "[srd_us]": plain("1", "[rd_us]2"), "[smi_us]": plain("1", "[mi_us]2"), "[sct]": plain("1", "[mi_us]2"), "[twp]": plain("36", "[sct]"), "[mil_us]": plain("1e-3", "[in_us]"), "[in_br]": plain("2.539998", "cm"),
  "[ft_br]": plain("12", "[in_br]"), "[rd_br]": plain("16.5", "[ft_br]"), "[ch_br]": plain("4", "[rd_br]"), "[lk_br]": plain("1", "[ch_br]/100"), "[fth_br]": plain("6", "[ft_br]"), "[pc_br]": plain("2.5", "[ft_br]"),
  "[yd_br]": plain("3", "[ft_br]"), "[mi_br]": plain("5280", "[ft_br]"), "[nmi_br]": plain("6080", "[ft_br]"), "[kn_br]": plain("1", "[nmi_br]/h"), "[acr_br]": plain("4840", "[yd_br]2"), "[bbl_us]": plain("42", "[gal_us]"),
  "[crd_us]": plain("128", "[ft_i]3"), "[bu_us]": plain("2150.42", "[in_i]3"), "[gal_wi]": plain("1", "[bu_us]/8"), "[pk_us]": plain("1", "[bu_us]/4"), "[dqt_us]": plain("1", "[pk_us]/8"), "[dpt_us]": plain("1", "[dqt_us]/2"),
  "[pk_br]": plain("2", "[gal_br]"), "[bu_br]": plain("4", "[pk_br]"), "[fdr_br]": plain("1", "[foz_br]/8"), "[min_br]": plain("1", "[fdr_br]/60"), "[scwt_av]": plain("100", "[lb_av]"), "[lcwt_av]": plain("112", "[lb_av]"),
  "[ston_av]": plain("20", "[scwt_av]"), "[lton_av]": plain("20", "[lcwt_av]"), "[pwt_tr]": plain("24", "[gr]"), "[lb_tr]": plain("12", "[oz_tr]"), "[lne]": plain("1", "[in_i]/12"), "[pnt]": plain("1", "[lne]/6"),
  "[pca]": plain("12", "[pnt]"), "[pnt_pr]": plain("0.013837", "[in_i]"), "[pca_pr]": plain("12", "[pnt_pr]"), "[pied]": plain("32.48", "cm"), "[pouce]": plain("1", "[pied]/12"), "[ligne]": plain("1", "[pouce]/12"),
  "[didot]": plain("1", "[ligne]/6"), "[cicero]": plain("12", "[didot]"),
  // the rest of heat, fibres and miscellany (tables 19, 23, 24)
  "cal_[15]": metric("4.18580", "J"), "cal_[20]": metric("4.18190", "J"), cal_m: metric("4.19002", "J"), "[Btu_39]": plain("1.05967", "kJ"), "[Btu_59]": plain("1.05480", "kJ"), "[Btu_60]": plain("1.05468", "kJ"),
  "[Btu_m]": plain("1.05587", "kJ"), "[Btu_IT]": plain("1.05505585262", "kJ"), "[Btu_th]": plain("1.054350", "kJ"), tex: metric("1", "g/km"), "[den]": plain("1", "g/9/km"), att: plain("1", "kgf/cm2"),
  "[car_Au]": plain("1", "/24"), "[smoot]": plain("67", "[in_i]"),
  "[NTU]": plain("1", "1"), "[FNU]": plain("1", "1"), bit: metric("1", "1"), By: metric("8", "bit"), Bd: metric("1", "/s"),
}));

/** Table 21: units of a procedure's own. Each measures only itself; only [iU] takes prefixes. */
export const arbitraryUnits: ReadonlySet<string> = new Set([
  "[iU]", "[arb'U]", "[USP'U]", "[GPL'U]", "[MPL'U]", "[APL'U]", "[beth'U]", "[anti'Xa'U]", "[todd'U]", "[dye'U]", "[smgy'U]", "[bdsk'U]", "[ka'U]", "[knk'U]",
  "[mclg'U]", "[tb'U]", "[CCID_50]", "[TCID_50]", "[EID_50]", "[PFU]", "[FFU]", "[CFU]", "[IR]", "[BAU]", "[AU]", "[Amb'a'1'U]", "[PNU]", "[Lf]", "[D'ag'U]", "[FEU]", "[ELU]", "[EU]",
  "[hp_X]", "[hp_C]", "[hp_M]", "[hp_Q]", "[kp_X]", "[kp_C]", "[kp_M]", "[kp_Q]",
]);

/** Special units (§21–22): a function of a proper unit, not a multiple of it. */
export type Special = {
  /** The proper unit the function answers in. */
  unit: string;
  metric: boolean;
  toProper(value: number): number;
  fromProper(value: number): number;
};

/** Subtracting the zero point leaves noise in the last digits: degrees are given to 10^-10. */
const settled = (degrees: number): number => Math.round(degrees * 1e10) / 1e10 + 0;

const decibel = (unit: string, factor: number, reference: number): Special => ({
  unit, metric: true, toProper: value => reference * 10 ** (value / factor), fromProper: value => factor * Math.log10(value / reference),
});

const homeopathic = (base: number): Special => ({
  unit: "1", metric: false, toProper: value => base ** -value, fromProper: value => -Math.log(value) / Math.log(base),
});

export const specials: ReadonlyMap<string, Special> = new Map(Object.entries<Special>({
  Cel: { unit: "K", metric: true, toProper: value => value + 273.15, fromProper: value => settled(value - 273.15) },
  "[degF]": { unit: "K", metric: false, toProper: value => (value + 459.67) * 5 / 9, fromProper: value => settled(value * 9 / 5 - 459.67) },
  "[degRe]": { unit: "K", metric: false, toProper: value => value * 5 / 4 + 273.15, fromProper: value => settled((value - 273.15) * 4 / 5) },
  "[pH]": { unit: "mol/l", metric: false, toProper: value => 10 ** -value, fromProper: value => -Math.log10(value) },
  "[p'diop]": { unit: "rad", metric: false, toProper: value => Math.atan(value / 100), fromProper: value => Math.tan(value) * 100 },
  "%[slope]": { unit: "deg", metric: false, toProper: value => Math.atan(value / 100) * 180 / Math.PI, fromProper: value => Math.tan(value * Math.PI / 180) * 100 },
  "[hp'_X]": homeopathic(10), "[hp'_C]": homeopathic(100), "[hp'_M]": homeopathic(1000), "[hp'_Q]": homeopathic(50000),
  "[m/s2/Hz^(1/2)]": { unit: "m2/s4/Hz", metric: false, toProper: value => value * value, fromProper: value => Math.sqrt(value) },
  bit_s: { unit: "1", metric: false, toProper: value => 2 ** value, fromProper: value => Math.log2(value) },
  Np: { unit: "1", metric: true, toProper: value => Math.exp(value), fromProper: value => Math.log(value) },
  B: decibel("1", 1, 1), "B[SPL]": decibel("Pa", 2, 2e-5), "B[V]": decibel("V", 2, 1), "B[mV]": decibel("mV", 2, 1), "B[uV]": decibel("uV", 2, 1), "B[10.nV]": decibel("nV", 2, 10), "B[W]": decibel("W", 1, 1), "B[kW]": decibel("kW", 1, 1),
}));
