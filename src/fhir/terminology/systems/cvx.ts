/**
 * The Vaccine Administered Code Set (CVX) of the CDC: every code of the list as read on 2025-10-31, with the short
 * description as its display, the full vaccine name, and the names by which the list of 2014-11-03 knew it, where they
 * were others. A work of the United States government, in the public domain. Where the list came from: docs/sources.md.
 * https://www2a.cdc.gov/vaccines/iis/iisstandards/vaccines.asp?rpt=cvx · https://terminology.hl7.org/CodeSystem-CVX.html
 */
import { standardsStatusExtension, type CodeSystem, type Designation } from "../resources.ts";

export const cvxUrl = "http://hl7.org/fhir/sid/cvx";
/** The version of CVX is a date. */
export const cvxVersion = "20251031";

/** The status of a vaccine is no status of its concept: all codes may be used, as of what was given long ago. */
export function cvx(): CodeSystem {
  return {
    resourceType: "CodeSystem", id: "cvx", url: cvxUrl, version: cvxVersion, name: "CVX", title: "Vaccine Administered Code Set (CVX)", status: "active", language: "en",
    content: "complete", caseSensitive: true,
    property: [{ code: "vaccine-status", type: "string", description: "Active, Inactive, Non-US or Never Active" }],
    concept: table.trim().split("\n").map((row) => {
      const [code, status, display, full, ...earlier] = row.split("|") as [string, string, string, ...string[]];
      const designation: Designation[] = [...full ? [{ language: "en", value: full }] : [], ...earlier.map(outdated)];
      return { code, display, ...designation.length > 0 ? { designation } : {}, property: [{ code: "vaccine-status", valueString: status }] };
    }),
  };
}

function outdated(value: string): Designation {
  return { language: "en", value, extension: [{ url: standardsStatusExtension, valueCode: "deprecated" }] };
}

/** code|status|short description|full vaccine name, where another|names of 2014, where others */
const table = `
01|Inactive|DTP|diphtheria, tetanus toxoids and pertussis vaccine
02|Inactive|OPV, trivalent|trivalent poliovirus vaccine, live, oral|OPV|poliovirus vaccine, live, oral
03|Active|MMR|measles, mumps and rubella virus vaccine
04|Inactive|M/R|measles and rubella virus vaccine
05|Inactive|measles virus vaccine||measles
06|Inactive|rubella virus vaccine||rubella
07|Inactive|mumps virus vaccine||mumps
08|Active|Hep B, adolescent or pediatric|hepatitis B vaccine, pediatric or pediatric/adolescent dosage
09|Active|Td (adult), 2 Lf tetanus toxoid, preservative free, adsorbed|tetanus and diphtheria toxoids, adsorbed, preservative free, for adult use (2 Lf of tetanus toxoid and 2 Lf of diphtheria toxoid)|Td (adult), adsorbed|tetanus and diphtheria toxoids, adsorbed, for adult use
10|Active|IPV|poliovirus vaccine, inactivated
11|Inactive|pertussis vaccine||pertussis
12|Active|diphtheria antitoxin
13|Active|TIG|tetanus immune globulin
14|Inactive|IG, unspecified formulation|immune globulin, unspecified formulation
15|Inactive|influenza, split (incl. purified surface antigen)|influenza virus vaccine, split virus (incl. purified surface antigen)-retired CODE
16|Inactive|influenza, whole|influenza virus vaccine, whole virus
17|Inactive|Hib, unspecified formulation|Haemophilus influenzae type b vaccine, conjugate unspecified formulation
18|Inactive|rabies, intramuscular injection|rabies vaccine, for intramuscular injection RETIRED CODE|rabies vaccine, for intramuscular injection
19|Active|BCG|Bacillus Calmette-Guerin vaccine
20|Active|DTaP|diphtheria, tetanus toxoids and acellular pertussis vaccine
21|Active|varicella virus vaccine||varicella
22|Inactive|DTP-Hib|DTP-Haemophilus influenzae type b conjugate vaccine
23|Inactive|plague vaccine||plague
24|Active|Anthrax, pre-exposure prophylaxis, post-exposure prophylaxis|Anthrax vaccine, adsorbed, pre-exposure and post-exposure prophylaxis|anthrax|anthrax vaccine
25|Active|typhoid, oral|typhoid vaccine, live, oral
26|Inactive|cholera, unspecified formulation|cholera vaccine, unspecified formulation|cholera|cholera vaccine
27|Active|botulinum antitoxin
28|Inactive|DT (pediatric)|diphtheria and tetanus toxoids, adsorbed for pediatric use
29|Active|CMVIG|cytomegalovirus immune globulin, intravenous
30|Active|HBIG|hepatitis B immune globulin
31|Inactive|Hep A, pediatric, unspecified formulation|hepatitis A vaccine, pediatric dosage, unspecified formulation
32|Inactive|meningococcal MPSV4|meningococcal polysaccharide vaccine (MPSV4)
33|Active|pneumococcal polysaccharide PPV23|pneumococcal polysaccharide vaccine, 23 valent
34|Active|RIG|rabies immune globulin
35|Inactive|tetanus toxoid, adsorbed
36|Active|VZIG|varicella zoster immune globulin
37|Active|yellow fever vaccine live||yellow fever|yellow fever vaccine
38|Inactive|rubella/mumps|rubella and mumps virus vaccine
39|Inactive|Japanese Encephalitis Vaccine SC||Japanese encephalitis SC
40|Inactive|rabies, intradermal injection|rabies vaccine, for intradermal injection
41|Inactive|typhoid, parenteral|typhoid vaccine, parenteral, other than acetone-killed, dried
42|Inactive|Hep B, adolescent/high risk infant|hepatitis B vaccine, adolescent/high risk infant dosage
43|Active|Hep B, adult|hepatitis B vaccine, adult dosage
44|Active|Hep B, high-dosage, dialysis or IC|Hepatitis B vaccine (Hep B), high-dosage, dialysis or immunocompromised patient|Hep B, dialysis|hepatitis B vaccine, dialysis patient dosage
45|Inactive|Hep B, unspecified formulation|hepatitis B vaccine, unspecified formulation
46|Inactive|Hib (PRP-D)|Haemophilus influenzae type b vaccine, PRP-D conjugate
47|Inactive|Hib (HbOC)|Haemophilus influenzae type b vaccine, HbOC conjugate
48|Active|Hib (PRP-T)|Haemophilus influenzae type b vaccine, PRP-T conjugate
49|Active|Hib (PRP-OMP)|Haemophilus influenzae type b vaccine, PRP-OMP conjugate
50|Inactive|DTaP-Hib|DTaP-Haemophilus influenzae type b conjugate vaccine
51|Inactive|Hib-Hep B|Haemophilus influenzae type b conjugate and Hepatitis B vaccine
52|Active|Hep A, adult|hepatitis A vaccine, adult dosage
53|Inactive|typhoid, parenteral, AKD (U.S. military)|typhoid vaccine, parenteral, acetone-killed, dried (U.S. military)
54|Inactive|adenovirus, type 4|adenovirus vaccine, type 4, live, oral
55|Inactive|adenovirus, type 7|adenovirus vaccine, type 7, live, oral
56|Active|dengue fever tetravalent|dengue fever vaccine, tetravalent|dengue fever|dengue fever vaccine
57|Never Active|hantavirus|hantavirus vaccine
58|Never Active|Hep C|hepatitis C vaccine
59|Never Active|Hep E|hepatitis E vaccine
60|Never Active|herpes simplex 2|herpes simplex virus, type 2 vaccine
61|Never Active|HIV|human immunodeficiency virus vaccine
62|Active|HPV, quadrivalent|human papilloma virus vaccine, quadrivalent
63|Never Active|Junin virus|Junin virus vaccine
64|Never Active|leishmaniasis vaccine||leishmaniasis
65|Never Active|leprosy vaccine||leprosy
66|Inactive|Lyme disease vaccine||Lyme disease
67|Never Active|malaria vaccine||malaria
68|Never Active|melanoma vaccine||melanoma
69|Inactive|parainfluenza-3 virus vaccine||parainfluenza-3
70|Never Active|Q fever vaccine||Q fever
71|Inactive|RSV-IGIV|respiratory syncytial virus immune globulin, intravenous
72|Never Active|rheumatic fever vaccine||rheumatic fever
73|Never Active|Rift Valley fever vaccine||Rift Valley fever
74|Inactive|rotavirus, tetravalent|rotavirus, live, tetravalent vaccine
75|Active|Vaccinia (smallpox, mpox), live|Vaccinia (smallpox, mpox) vaccine, live|vaccinia (smallpox)|vaccinia (smallpox) vaccine
76|Inactive|Staphylococcus bacterio lysate|Staphylococcus bacteriophage lysate
77|Non-US|Tick-borne encephalitis vaccine (non-US)||tick-borne encephalitis|tick-borne encephalitis vaccine
78|Inactive|tularemia vaccine
79|Active|vaccinia immune globulin
80|Inactive|VEE, live|Venezuelan equine encephalitis, live, attenuated
81|Inactive|VEE, inactivated|Venezuelan equine encephalitis, inactivated
82|Inactive|adenovirus, unspecified formulation|adenovirus vaccine, unspecified formulation
83|Active|Hep A, ped/adol, 2 dose|hepatitis A vaccine, pediatric/adolescent dosage, 2 dose schedule
84|Inactive|Hep A, ped/adol, 3 dose|hepatitis A vaccine, pediatric/adolescent dosage, 3 dose schedule
85|Inactive|Hep A, unspecified formulation|hepatitis A vaccine, unspecified formulation
86|Active|IG|immune globulin, intramuscular
87|Active|IGIV|immune globulin, intravenous
88|Inactive|influenza, unspecified formulation|influenza virus vaccine, unspecified formulation
89|Inactive|poliovirus vaccine, unspecified formulation||polio, unspecified formulation
90|Inactive|rabies, unspecified formulation|rabies vaccine, unspecified formulation
91|Inactive|typhoid, unspecified formulation|typhoid vaccine, unspecified formulation
92|Inactive|VEE, unspecified formulation|Venezuelan equine encephalitis vaccine, unspecified formulation
93|Active|RSV-MAb|respiratory syncytial virus monoclonal antibody (palivizumab), intramuscular
94|Active|MMRV|measles, mumps, rubella, and varicella virus vaccine
95|Inactive|TST-OT tine test|tuberculin skin test; old tuberculin, multipuncture device
96|Inactive|TST-PPD intradermal|tuberculin skin test; purified protein derivative solution, intradermal
97|Inactive|TST-PPD tine test|tuberculin skin test; purified protein derivative, multipuncture device
98|Inactive|TST, unspecified formulation|tuberculin skin test; unspecified formulation
100|Inactive|pneumococcal conjugate PCV 7|pneumococcal conjugate vaccine, 7 valent
101|Active|typhoid, ViCPs|typhoid Vi capsular polysaccharide vaccine
102|Non-US|DTP-Hib-Hep B|DTP- Haemophilus influenzae type b conjugate and hepatitis b vaccine|DTaP/DTP-Hib-Hep B
103|Inactive|meningococcal C conjugate vaccine||meningococcal C conjugate
104|Active|Hep A-Hep B|hepatitis A and hepatitis B vaccine
105|Inactive|vaccinia (smallpox) diluted|vaccinia (smallpox) vaccine, diluted
106|Active|DTaP, 5 pertussis antigens|diphtheria, tetanus toxoids and acellular pertussis vaccine, 5 pertussis antigens
107|Inactive|DTaP, unspecified formulation|diphtheria, tetanus toxoids and acellular pertussis vaccine, unspecified formulation
108|Inactive|meningococcal ACWY, unspecified formulation|meningococcal ACWY vaccine, unspecified formulation|meningococcal, unspecified formulation|meningococcal vaccine, unspecified formulation
109|Inactive|pneumococcal, unspecified formulation|pneumococcal vaccine, unspecified formulation
110|Active|DTaP-Hep B-IPV|DTaP-hepatitis B and poliovirus vaccine
111|Active|Influenza, live, trivalent, intranasal, PF|Influenza, live, trivalent, intranasal, preservative free|influenza, live, intranasal|influenza virus vaccine, live, attenuated, for intranasal use
112|Inactive|tetanus toxoid, unspecified formulation
113|Active|Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed|tetanus and diphtheria toxoids, adsorbed, preservative free, for adult use (5 Lf of tetanus toxoid and 2 Lf of diphtheria toxoid)|Td (adult) preservative free|tetanus and diphtheria toxoids, adsorbed, preservative free, for adult use
114|Active|meningococcal MCV4P|meningococcal polysaccharide (groups A, C, Y and W-135) diphtheria toxoid conjugate vaccine (MCV4P)
115|Active|Tdap|tetanus toxoid, reduced diphtheria toxoid, and acellular pertussis vaccine, adsorbed
116|Active|rotavirus, pentavalent|rotavirus, live, pentavalent vaccine
117|Never Active|VZIG (IND)|varicella zoster immune globulin (Investigational New Drug)
118|Inactive|HPV, bivalent|human papilloma virus vaccine, bivalent
119|Active|rotavirus, monovalent|rotavirus, live, monovalent vaccine
120|Active|DTaP-Hib-IPV|diphtheria, tetanus toxoids and acellular pertussis vaccine, Haemophilus influenzae type b conjugate, and poliovirus vaccine, inactivated (DTaP-Hib-IPV)
121|Inactive|zoster live|zoster vaccine, live|zoster
122|Inactive|rotavirus, unspecified formulation|rotavirus vaccine, unspecified formulation
123|Inactive|influenza, H5N1-1203|influenza virus vaccine, H5N1, A/Vietnam/1203/2004 (national stockpile)
125|Inactive|Novel Influenza-H1N1-09, nasal|Novel Influenza-H1N1-09, live virus for nasal administration
126|Inactive|Novel influenza-H1N1-09, preservative-free|Novel influenza-H1N1-09, preservative-free, injectable
127|Inactive|Novel influenza-H1N1-09|Novel influenza-H1N1-09, injectable
128|Inactive|Novel influenza-H1N1-09, all formulations
129|Inactive|Japanese Encephalitis, unspecified formulation|Japanese Encephalitis vaccine, unspecified formulation
130|Active|DTaP-IPV|Diphtheria, tetanus toxoids and acellular pertussis vaccine, and poliovirus vaccine, inactivated
131|Inactive|typhus, historical|Historical record of a typhus vaccination
132|Inactive|DTaP-IPV-HIB-HEP B, historical|Historical diphtheria and tetanus toxoids and acellular pertussis, poliovirus, Haemophilus b conjugate and hepatitis B (recombinant) vaccine.|Historical record of vaccine containing diphtheria, tetanus toxoids and acellular pertussis, poliovirus, inactivated, Haemophilus influenzae type b conjugate, Hepatitis B (DTaP-Hib-IPV)
133|Active|Pneumococcal conjugate PCV 13|pneumococcal conjugate vaccine, 13 valent
134|Active|Japanese Encephalitis IM|Japanese Encephalitis vaccine for intramuscular administration
135|Active|Influenza, high-dose, trivalent, PF|Influenza, high-dose, split virus, trivalent, injectable, preservative free|Influenza, high dose seasonal|influenza, high dose seasonal, preservative-free
136|Active|Meningococcal MCV4O|meningococcal oligosaccharide (groups A, C, Y and W-135) diphtheria toxoid conjugate vaccine (MCV4O)
137|Inactive|HPV, unspecified formulation
138|Inactive|Td (adult)|tetanus and diphtheria toxoids, not adsorbed, for adult use
139|Inactive|Td(adult) unspecified formulation
140|Active|Influenza, split virus, trivalent, PF|Influenza, split virus, trivalent, injectable, preservative free|Influenza, seasonal, injectable, preservative free
141|Active|Influenza, split virus, trivalent, preservative|Influenza, split virus, trivalent, injectable, contains preservative|Influenza, seasonal, injectable
142|Inactive|tetanus toxoid, not adsorbed
143|Active|Adenovirus types 4 and 7|Adenovirus, type 4 and type 7, live, oral
144|Inactive|influenza, seasonal, intradermal, preservative free|seasonal influenza, intradermal, preservative free
145|Never Active|RSV-MAb (new)|respiratory syncytial virus monoclonal antibody (motavizumab), intramuscular
146|Active|DTaP,IPV,Hib,HepB|Diphtheria and Tetanus Toxoids and Acellular Pertussis Adsorbed, Inactivated Poliovirus, Haemophilus b Conjugate (Meningococcal Protein Conjugate), and Hepatitis B (Recombinant) Vaccine.|Diphtheria and Tetanus Toxoids and Acellular Pertussis Adsorbed, Inactivated Poliovirus, Haemophilus b Conjugate (Meningococcal Outer Membrane Protein Complex), and Hepatitis B (Recombinant) Vaccine.
147|Inactive|meningococcal MCV4, unspecified formulation|Meningococcal, MCV4, unspecified conjugate formulation(groups A, C, Y and W-135)|Meningococcal, MCV4, unspecified formulation(groups A, C, Y and W-135)
148|Inactive|Meningococcal C/Y-HIB PRP|Meningococcal Groups C and Y and Haemophilus b Tetanus Toxoid Conjugate Vaccine
149|Active|Influenza, live, quadrivalent, intranasal||influenza, live, intranasal, quadrivalent
150|Active|Influenza, split virus, quadrivalent, PF|Influenza, split virus, quadrivalent, injectable, preservative free|influenza, injectable, quadrivalent, preservative free
151|Inactive|influenza nasal, unspecified formulation
152|Inactive|Pneumococcal Conjugate, unspecified formulation
153|Active|Influenza, MDCK, trivalent, PF|Influenza, Madin Darby Canine Kidney, subunit, trivalent, injectable, preservative free|Influenza, injectable, MDCK, preservative free|Influenza, injectable, Madin Darby Canine Kidney, preservative free
154|Never Active|Hep A, IG|Hepatitis A immune globulin
155|Active|Influenza, recombinant, trivalent, PF|Influenza, recombinant, trivalent, injectable, preservative free|influenza, recombinant, injectable, preservative free|Seasonal, trivalent, recombinant, injectable influenza vaccine, preservative free
156|Active|Rho(D)-IG|Rho(D) Immune globulin- IV or IM
157|Active|Rho(D) -IG IM|Rho(D) Immune globulin - IM
158|Active|Influenza, split virus, quadrivalent, preservative|Influenza, split virus, quadrivalent, injectable, contains preservative|influenza, injectable, quadrivalent|influenza, injectable, quadrivalent, contains preservative
159|Inactive|Rho(D) - Unspecified formulation|Rho(D) Unspecified formulation
160|Active|Influenza A monovalent (H5N1), ADJUVANTED-2013|Influenza A monovalent (H5N1), adjuvanted, National stockpile 2013
161|Active|Influenza, injectable,quadrivalent, preservative free, pediatric
162|Active|meningococcal B, recombinant|meningococcal B vaccine, fully recombinant
163|Active|meningococcal B, OMV|meningococcal B vaccine, recombinant, OMV, adjuvanted
164|Inactive|meningococcal B, unspecified|meningococcal B, unspecified formulation
165|Active|HPV9|Human Papillomavirus 9-valent vaccine
166|Inactive|influenza, intradermal, quadrivalent, preservative free|influenza, intradermal, quadrivalent, preservative free, injectable
167|Inactive|meningococcal, unknown serogroups|meningococcal vaccine of unknown formulation and unknown serogroups
168|Active|Influenza, adjuvanted, trivalent, PF|Influenza, adjuvanted, inactivated, trivalent, injectable, preservative free
169|Non-US|Hep A, live attenuated|Hep A, live attenuated-IM
170|Non-US|DTAP/IPV/HIB - non-US|non-US diphtheria, tetanus toxoids and acellular pertussis vaccine, Haemophilus influenzae type b conjugate, and poliovirus vaccine, inactivated (DTaP-Hib-IPV)
171|Active|Influenza, MDCK, quadrivalent, PF|Influenza, Madin Darby Canine Kidney, subunit, quadrivalent, injectable, preservative free
172|Non-US|cholera, WC-rBS
173|Non-US|cholera, BivWC
174|Active|cholera, live attenuated
175|Active|Rabies - IM Diploid cell culture|Human Rabies vaccine from human diploid cell culture
176|Active|Rabies - IM fibroblast culture|Human rabies vaccine from Chicken fibroblast culture
177|Non-US|PCV10|pneumococcal conjugate vaccine, 10 valent
178|Non-US|OPV bivalent|Non-US bivalent oral polio vaccine (types 1 and 3)
179|Non-US|OPV ,monovalent, unspecified|Non-US monovalent oral polio vaccine, unspecified formulation
180|Inactive|tetanus immune globulin
181|Active|anthrax immune globulin
182|Inactive|OPV, Unspecified|Oral Polio Vaccine, Unspecified formulation
183|Active|Yellow fever vaccine live - alt|Yellow fever vaccine live - alternative formulation for vaccine shortage
184|Inactive|Yellow fever, unspecified|Yellow fever vaccine, unspecified formulation
185|Active|Influenza, recombinant, quadrivalent, PF|Influenza, recombinant, quadrivalent, injectable, preservative free
186|Active|Influenza, MDCK, quadrivalent, preservative|Influenza, Madin Darby Canine Kidney, subunit, quadrivalent, injectable, contains preservative
187|Active|zoster vaccine recombinant
188|Inactive|zoster, unspecified formulation|zoster vaccine, unspecified formulation
189|Active|HepB-CpG|Hepatitis B vaccine (recombinant), CpG adjuvanted
190|Non-US|Typhoid conjugate vaccine (TCV)|Typhoid conjugate vaccine (non-US)
191|Non-US|meningococcal A polysaccharide vaccine (non-US)
192|Non-US|meningococcal AC polysaccharide vaccine (non-US)
193|Non-US|Hep A-Hep B, pediatric/adolescent|hepatitis A and hepatitis B vaccine, pediatric/adolescent (non-US)
194|Inactive|Influenza, Southern Hemisphere|influenza, Southern Hemisphere, unspecified formulation
195|Non-US|DT, IPV adsorbed|Diphtheria, Tetanus, Poliomyelitis adsorbed
196|Active|Td, adsorbed, preservative free, adult use, Lf unspecified|tetanus and diphtheria toxoids, adsorbed, preservative free, for adult use, Lf unspecified
197|Active|Influenza, high-dose, quadrivalent, PF|Influenza, high-dose, split virus, quadrivalent, injectable, preservative free
198|Non-US|DTP-hepB-Hib Pentavalent Non-US|Diphtheria, pertussis, tetanus, hepatitis B, Haemophilus Influenza Type b, (Pentavalent)
200|Active|influenza, Southern Hemisphere, pediatric, preservative free|influenza, seasonal, Southern Hemisphere, quadrivalent, pediatric 0.25mL dose, preservative free
201|Active|Influenza, Southern Hemisphere, quadrivalent, PF|Influenza, seasonal, Southern Hemisphere, quadrivalent, 0.5 mL dose, preservative free
202|Active|influenza, Southern Hemisphere, quadrivalent, with preservative|influenza, seasonal, Southern Hemisphere, quadrivalent, 0.5mL dose, with preservative
203|Active|meningococcal conjugate quadrivalent, MenACWY-TT (MCV4)|meningococcal polysaccharide (groups A, C, Y, W-135) tetanus toxoid conjugate vaccine 0.5mL dose, preservative free
204|Active|Ebola Zaire vaccine, live, recombinant, 1mL dose
205|Active|Influenza, adjuvanted, quadrivalent, PF|Influenza, adjuvanted, inactivated, quadrivalent, injectable, preservative free
206|Active|Vaccinia, smallpox Mpox vaccine live, PF, SQ or ID injection|Vaccinia, smallpox mpox vaccine, live attenuated, preservative free, subcutaneous or intradermal injection
207|Inactive|COVID-19, mRNA, LNP-S, PF, 100 mcg/0.5mL dose or 50 mcg/0.25mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 100 mcg/0.5mL dose or 50 mcg/0.25mL dose
208|Inactive|COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 30 mcg/0.3mL dose
210|Non-US|COVID-19 vaccine, vector-nr, rS-ChAdOx1, PF, 0.5 mL|SARS-COV-2 (COVID-19) vaccine, vector non-replicating, recombinant spike protein-ChAdOx1, preservative free, 0.5 mL
211|Inactive|COVID-19, subunit, rS-nanoparticle+Matrix-M1 Adjuvant, PF, 0.5 mL|SARS-COV-2 (COVID-19) vaccine, subunit, recombinant spike protein-nanoparticle+Matrix-M1 Adjuvant, preservative free, 0.5mL dose
212|Inactive|COVID-19 vaccine, vector-nr, rS-Ad26, PF, 0.5 mL|SARS-COV-2 (COVID-19) vaccine, vector non-replicating, recombinant spike protein-Ad26, preservative free, 0.5 mL
213|Inactive|SARS-COV-2 (COVID-19) vaccine, UNSPECIFIED
214|Inactive|Ebola, unspecified
215|Active|Pneumococcal conjugate PCV15, polysaccharide CRM197 conjugate, adjuvant, PF|Pneumococcal conjugate vaccine 15-valent (PCV15), polysaccharide CRM197 conjugate, adjuvant, preservative free
216|Active|Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF|Pneumococcal conjugate vaccine 20-valent (PCV20), polysaccharide CRM197 conjugate, adjuvant, preservative free
217|Inactive|COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose, tris-sucrose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 30 mcg/0.3mL dose, tris-sucrose formulation
218|Inactive|COVID-19, mRNA, LNP-S, PF, 10 mcg/0.2 mL dose, tris-sucrose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 10 mcg/0.2mL dose, tris-sucrose formulation
219|Inactive|COVID-19, mRNA, LNP-S, PF, 3 mcg/0.2 mL dose, tris-sucrose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 3 mcg/0.2mL dose, tris-sucrose formulation
220|Inactive|HepB recombinant, 3-antigen, Al(OH)3|Hepatitis B vaccine (recombinant), 3-antigen, Al(OH)3 adjuvanted
221|Inactive|COVID-19, mRNA, LNP-S, PF, 50 mcg/0.5 mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 50 mcg/0.5 mL dose
222|Inactive|Tick-borne encephalitis, unspecified|Tick-borne encephalitis vaccine, unspecified
223|Active|Tick-borne encephalitis, inactivated, PF, 0.25mL|Tick-borne encephalitis vaccine, inactivated, preservative free, 0.25mL dose
224|Active|Tick-borne encephalitis, inactivated, PF, 0.5mL|Tick-borne encephalitis vaccine, inactivated, preservative free, 0.5mL dose
225|Never Active|COVID-19, D614, recomb, preS dTM, AS03 adjuvant add, PF, 5mcg/0.5mL|SARS-COV-2 (COVID-19) vaccine, D614, prefusion spike recombinant protein subunit (CoV2 preS dTM), AS03 adjuvant added, preservative free, 5mcg/0.5mL dose
226|Never Active|COVID-19, D614, recomb, preS dTM, AS03 adjuvant add, PF, 10mcg/0.5mL|SARS-COV-2 (COVID-19) vaccine, D614, prefusion spike recombinant protein subunit (CoV2 preS dTM), AS03 adjuvant added, preservative free, 10mcg/0.5mL dose
227|Inactive|COVID-19, mRNA, LNP-S, PF, pediatric 50 mcg/0.5 mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, pediatric 50 mcg/0.5 mL dose
228|Inactive|COVID-19, mRNA, LNP-S, PF, pediatric 25 mcg/0.25 mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, pediatric 25 mcg/0.25 mL dose
229|Inactive|COVID-19, mRNA, LNP-S, bivalent, PF, 50 mcg/0.5 mL or 25mcg/0.25 mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, bivalent, preservative free, 50 mcg/0.5 mL or 25 mcg/0.25 mL dose
230|Inactive|COVID-19, mRNA, LNP-S, bivalent, PF, 10 mcg/0.2 mL|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, bivalent, preservative free, 10 mcg/0.2 mL dose
231|Active|influenza, Southern Hemisphere, high-dose, quadrivalent|influenza, seasonal, Southern Hemisphere, high-dose, quadrivalent, 0.7mL dose, preservative free
300|Inactive|COVID-19, mRNA, LNP-S, bivalent, PF, 30 mcg/0.3 mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, bivalent, preservative free, 30 mcg/0.3 mL dose, tris-sucrose formulation
301|Inactive|COVID-19, mRNA, LNP-S, bivalent, PF, 10 mcg/0.2 mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, bivalent, preservative free, 10 mcg/0.2 mL dose, tris-sucrose formulation
302|Inactive|COVID-19, mRNA, LNP-S, bivalent, PF, 3 mcg/0.2 mL dose|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, bivalent, preservative free, 3 mcg/0.2 mL dose, tris-sucrose formulation
303|Active|RSV, recombinant, protein subunit RSVpreF, adjuvant reconstituted, 0.5 mL, PF|Respiratory syncytial virus (RSV), vaccine, recombinant, protein subunit RSV prefusion F, adjuvant reconstituted, 0.5 mL, preservative free
304|Inactive|Respiratory syncytial virus (RSV), unspecified
305|Active|RSV, bivalent, protein subunit RSVpreF, diluent reconstituted, 0.5 mL, PF|Respiratory syncytial virus (RSV), vaccine, bivalent, protein subunit RSV prefusion F, diluent reconstituted, 0.5 mL, preservative free
306|Active|RSV, mAb, nirsevimab-alip, 0.5 mL, neonate to 24 months|Respiratory syncytial virus (RSV) monoclonal antibody, IgG1κ, (nirsevimab-alip), 0.5 mL, neonates and children to 24 months
307|Active|RSV, mAb, nirsevimab-alip, 1 mL, neonate to 24 months|Respiratory syncytial virus (RSV) monoclonal antibody, IgG1κ, (nirsevimab-alip), 1 mL, neonates and children to 24 months
308|Inactive|COVID-19, mRNA, LNP-S, PF, tris-sucrose, 3 mcg/0.3 mL|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, tris-sucrose, 3 mcg/0.3 mL dose
309|Active|COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, tris-sucrose, 30 mcg/0.3 mL dose
310|Active|COVID-19, mRNA, LNP-S, PF, tris-sucrose, 10 mcg/0.3 mL|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, tris-sucrose, 10 mcg/0.3 mL dose
311|Active|COVID-19, mRNA, LNP-S, PF, 25 mcg/0.25 mL|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 25 mcg/0.25 mL dose
312|Active|COVID-19, mRNA, LNP-S, PF, 50 mcg/0.5 mL|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 50 mcg/0.5 mL dose
313|Active|COVID-19, subunit, rS-nanoparticle, adjuvanted, PF, 5 mcg/0.5 mL|SARS-COV-2 (COVID-19) vaccine, subunit, recombinant spike protein-nanoparticle+Matrix-M1 Adjuvant, preservative free, 5 mcg/0.5 mL dose
314|Inactive|Respiratory syncytial virus (RSV) vaccine, unspecified
315|Inactive|Respiratory syncytial virus (RSV) MAB, unspecified|Respiratory syncytial virus (RSV) monoclonal antibody (MAB), unspecified
316|Active|Meningococcal polysaccharide (MenACWY-TT conjugate), (MenB), PF|Meningococcal polysaccharide (groups A, C, Y, W) tetanus toxoid conjugate, meningococcal B recombinant vaccine, 0.5mL, preservative free
317|Active|Chikungunya live attenuated vaccine, 0.5 mL, PF|Chikungunya, live attenuated vaccine, 0.5 mL, preservative free
318|Active|Anthrax, post-exposure prophylaxis|Anthrax vaccine, adsorbed, adjuvanted, post-exposure prophylaxis
319|Inactive|Anthrax vaccine, unspecified
320|Active|Influenza, MDCK, trivalent, preservative|Influenza, Madin Darby Canine Kidney, subunit, trivalent, injectable, contains preservative
321|Active|Influenza-avian, H5N8, monovalent, PF|Influenza-avian, H5N8, viral-vector, monovalent, injectable, preservative free
322|Active|Influenza-avian, H5N8, monovalent, preservative|Influenza-avian, H5N8, viral-vector, monovalent, injectable, contains preservative
323|Inactive|Influenza-avian, H5, unspecified formulation
324|Non-US|Poliovirus, inactivated, fractional-dose (fIPV)
325|Inactive|Vaccinia (smallpox, mpox), unspecified
326|Active|RSV, mRNA, injectable, PF|Respiratory syncytial virus (RSV), mRNA, injectable, preservative free
327|Active|Pneumococcal conjugate PCV21, polysaccharide CRM197 conjugate, PF|Pneumococcal conjugate vaccine, 21 valent (PCV21), polysaccharide CRM197 conjugate, preservative free
328|Active|Meningococcal oligosaccharide (MenACWY), (MenB), PF|Meningococcal oligosaccharide conjugated (groups A, C, W, Y) and group B, 0.5 mL, preservative free
329|Active|Chikungunya, VLP, recombinant, 0.8 mL, PF|Chikungunya, virus-like particle (VLP), recombinant vaccine, 0.8 mL, preservative free
330|Inactive|Dengue fever, unspecified|Dengue fever, unspecified formulation
331|Active|Influenza, Southern Hemisphere, trivalent, PF|Influenza, seasonal, Southern Hemisphere, trivalent, 0.5 mL dose, preservative free
332|Active|RSV, mAb, clesrovimab-cfor, 0.7 mL, neonate and infant, PF|Respiratory syncytial virus (RSV), monoclonal antibody, IgG1κ, (clesrovimab-cfor), 0.7 mL, neonate and infant, preservative free
333|Active|Influenza, live, trivalent, intranasal, self/caregiver admin, PF|Influenza, live, trivalent, intranasal, self or caregiver administered, preservative free
334|Active|COVID-19, mRNA, LNP-S, PF, 10 mcg/0.2 mL|SARS-COV-2 (COVID-19) vaccine, mRNA, spike protein, LNP, preservative free, 10 mcg/0.2 mL dose
500|Non-US|COVID-19 Non-US Vaccine, UNSPECIFIED|SARS-COV-2 (COVID-19) Non-US Vaccine, UNSPECIFIED
501|Non-US|COVID-19 IV Non-US Vaccine (QAZCOVID-IN)|SARS-COV-2 COVID-19 Inactivated Virus Non-US Vaccine Product (QAZCOVID-IN)
502|Non-US|COVID-19 IV Non-US Vaccine (COVAXIN)|SARS-COV-2 COVID-19 Inactivated Virus Non-US Vaccine Product (COVAXIN)
503|Non-US|COVID-19 LAV Non-US Vaccine (COVIVAC)|SARS-COV-2 COVID-19 Live Attenuated Virus Non-US Vaccine Product (COVIVAC)
504|Non-US|COVID-19 VVnr Non-US Vaccine (Sputnik Light)|SARS-COV-2 COVID-19 Viral Vector Non-replicating Non-US Vaccine Product (Sputnik Light)
505|Non-US|COVID-19 VVnr Non-US Vaccine (Sputnik V)|SARS-COV-2 COVID-19 Viral Vector Non-replicating Non-US Vaccine Product (Sputnik V)
506|Non-US|COVID-19 VVnr Non-US Vaccine (CanSino Biological Inc./Beijing Institute of Biotechnology|SARS-COV-2 COVID-19 Viral Vector Non-replicating Non-US Vaccine Product (CONVIDECIA), CanSino Biological Inc./Beijing Institute of Biotechnology
507|Non-US|COVID-19 PS Non-US Vaccine (Anhui Zhifei Longcom Biopharm + Inst of Micro, Chinese Acad of Sciences)|SARS-COV-2 COVID-19 Protein Subunit Non-US Vaccine Product (Anhui Zhifei Longcom Biopharmaceutical + Institute of Microbiology, Chinese Academy of Sciences)
508|Non-US|COVID-19 PS Non-US Vaccine (Jiangsu Province Centers for Disease Control and Prevention)|SARS-COV-2 COVID-19 Protein Subunit Non-US Vaccine Product (Jiangsu Province Centers for Disease Control and Prevention)
509|Non-US|COVID-19 PS Non-US Vaccine (EpiVacCorona)|SARS-COV-2 COVID-19 Protein Subunit Non-US Vaccine Product (EpiVacCorona)
510|Non-US|COVID-19 IV Non-US Vaccine (BIBP, Sinopharm)|SARS-COV-2 COVID-19 Inactivated Virus Non-US Vaccine Product (BIBP, Sinopharm)
511|Non-US|COVID-19 IV Non-US Vaccine (CoronaVac, Sinovac)|SARS-COV-2 COVID-19 Inactivated Virus Non-US Vaccine Product (CoronaVac, Sinovac)
512|Non-US|SARS-COV-2 COVID-19 VLP Non-US Vaccine (Medicago, Covifenz)|SARS-COV-2 COVID-19 Virus Like Particle (VLP) Non-US Vaccine Product (Medicago, Covifenz)
513|Non-US|SARS-COV-2 COVID-19 PS Non-US Vaccine (Anhui Zhifei Longcom, Zifivax)|SARS-COV-2 COVID-19 Protein Subunit Non-US Vaccine Product (Anhui Zhifei Longcom, Zifivax)
514|Non-US|SARS-COV-2 COVID-19 DNA Non-US Vaccine (Zydus Cadila, ZyCoV-D)|SARS-COV-2 COVID-19 DNA Non-US Vaccine Product (Zydus Cadila, ZyCoV-D)
515|Non-US|SARS-COV-2 COVID-19 PS Non-US Vaccine (Medigen, MVC-COV1901)|SARS-COV-2 COVID-19 Protein Subunit Non-US Vaccine Product (Medigen, MVC-COV1901)
516|Non-US|COV-2 COVID-19 Inactivated Non-US Vaccine Product (Minhai Biotechnology Co, KCONVAC)|SARS-COV-2 COVID-19 Inactivated Non-US Vaccine Product (Minhai Biotechnology Co, KCONVAC)
517|Non-US|SARS-COV-2 COVID-19 PS Non-US Vaccine (Biological E Limited, Corbevax)|SARS-COV-2 COVID-19 Protein Subunit Non-US Vaccine Product (Biological E Limited, Corbevax)
518|Non-US|COVID-19 Inactivated, Non-US Vaccine (VLA2001, Valneva)|SARS-COV-2 COVID-19 Inactivated, Non-US Vaccine (VLA2001, Valneva)
519|Non-US|COVID-19 mRNA, bivalent, original/Omicron BA.1, Non-US Vaccine (Spikevax Bivalent), Moderna|SARS-COV-2 COVID-19 mRNA, bivalent, original/Omicron BA.1, Non-US Vaccine (Spikevax Bivalent), Moderna
520|Non-US|COVID-19 mRNA, bivalent, original/Omicron BA.1, Non-US Vaccine Product, Pfizer-BioNTech|SARS-COV-2 COVID-19 mRNA, bivalent, original/Omicron BA.1, Non-US Vaccine Product (Comirnaty Bivalent), Pfizer-BioNTech
521|Non-US|COVID-19 SP, protein-based, adjuvanted (VidPrevtyn Beta), Sanofi-GSK|SARS-COV-2 (COVID-19) vaccine SP, protein-based, adjuvanted, B.1.351 strain (VidPrevtyn Beta), Sanofi-GSK
801|Active|AS03 Adjuvant
998|Inactive|no vaccine administered
999|Inactive|unknown|unknown vaccine or immune globulin
`;
