/**
 * What the screens ask of the server, as JSON over HTTP under `/api` (session cookie; types only, no code).
 * Instants are ISO 8601 with zone; `reference` is "Type/id"; `version` the FHIR versionId.
 * Failures are OperationOutcome with `issue[].diagnostics` in English and, where the screens word it, a `Reason`
 * (src/platform/reason.ts; read by `reasonOf` in web/src/data/http.ts); 401 = signed out, 404 = unknown or not yours.
 */
import type { Bilingual, Finding, Urgency } from "#findings/finding.ts";
import type { VerifyProgress, VerifyReport } from "#record/ledger/verify-report.ts";

export type Account = { username: string; display: Bilingual; role: "patient" | "practitioner" | "administrator"; /** "Patient/1" */ agent: string; demo: boolean };
/** GET /api/session → SessionView (200 always); POST /api/session {username,password}; DELETE /api/session. */
export type SessionView = { account?: Account; node: { name: Bilingual; demo: boolean; /** shown on the sign-in page of a demo node only */ demoAccounts?: { username: string; password: string; role: Account["role"]; display: Bilingual }[]; population?: Progress } };
/** GET /api/progress: the demo population, while it streams in. */
export type Progress = { label: Bilingual; done: number; total: number; finished: boolean; failed?: string };

export type PersonSummary = { id: string; name: Bilingual; birthDate?: string; ageYears?: number; sex: "male" | "female" | "other" | "unknown"; deceased?: string; mrn?: string; institution?: Bilingual };
/** GET /api/people?q=&cursor= */
export type PeoplePage = { people: PersonSummary[]; next?: string; total?: number };

/** GET /api/worklist?cursor= : one's people ordered by urgency then time; each row says why in one line. */
export type WorklistRow = { person: PersonSummary; urgency: Urgency; reason: Bilingual; at?: string; /** dates of what the reason rests on, oldest and newest */ inputs?: { first: string; last: string }; findings: string[]; draft?: { reference: string; status: DraftStatus } };
export type WorklistPage = { rows: WorklistRow[]; next?: string; counts: Record<Urgency, number> };

export type Cited = { reference: string; version?: string };
export type Labelled = Cited & { label: Bilingual; detail?: Bilingual; since?: string; status?: string };
/** A reference range as its source gives it; `text` names the classification or population it belongs to. */
export type MeasureRange = { low?: number; high?: number; text?: Bilingual };
export type Vital = Cited & { code: string; label: Bilingual; value: number; unit: string; at: string; range?: MeasureRange; second?: number /* diastolic */; secondRange?: MeasureRange };
/** GET /api/people/:id */
export type Storyboard = {
  person: PersonSummary; answer: Bilingual /* the sentence a colleague would say */;
  /** The finding the answer begins with, and how it counts now (an earlier one counts less). */ why?: { reference: string; urgency: Urgency };
  allergies: Labelled[]; allergiesKnown: boolean; problems: Labelled[]; medicines: Labelled[];
  risks: { finding: FindingView }[]; vitals: Vital[]; careTeam: Labelled[]; institutions: { reference: string; name: Bilingual }[];
  span: { first?: string; last?: string }; counts: Record<string, number>;
};

/** GET /api/people/:id/timeline?from=&to= ; dense lanes come as counts per bucket. */
export type Lane = "encounters" | "problems" | "medicines" | "tests" | "procedures" | "immunizations" | "signals" | "wearables" | "findings";
export type TimelineItem = Cited & { lane: Lane; start: string; end?: string; label: Bilingual; institution?: Bilingual; tone?: "in-range" | "out-of-range" | Urgency };
export type TimelineView = { items: TimelineItem[]; density: { lane: Lane; start: string; end: string; count: number; label: Bilingual }[] };

/** GET /api/people/:id/measures → MeasureKind[]; GET /api/people/:id/series?code=&from=&to= → Series (times ms since epoch, ascending). */
export type MeasureKind = { code: string; label: Bilingual; unit: string; count: number; last: { value: number; /** of a blood-pressure panel: diastolic */ second?: number; at: string }; group: "vital" | "lab" | "wearable" };
export type Series = { code: string; label: Bilingual; unit: string; range?: MeasureRange; lines: { name: Bilingual; /** this line's own band */ range?: MeasureRange; times: number[]; values: number[]; references: string[]; versions: string[]; sources: Bilingual[] }[] };

/** GET /api/people/:id/findings → FindingView[] (current ones); GET /api/findings/:type/:id → one. */
export type FindingView = { reference: string; version: string; finding: Finding; recorded: string; stale: boolean; machine: true; /** clinical dates of what it rests on, oldest and newest */ inputs?: { first: string; last: string }; supersedes?: string };

/** Drafted summary. GET /api/people/:id/drafts → DraftView[]; POST the same path {language} composes a new one;
 *  PUT /api/drafts/:id {sections, version}; POST /api/drafts/:id/sign {version}; POST /api/drafts/:id/reject {version, reason}. */
export type DraftStatus = "preliminary" | "final" | "rejected" | "amended";
export type Sentence = { text: string; evidence: Cited[]; /** true once a person changed or wrote it */ human: boolean };
export type DraftSection = { code: string; title: Bilingual; sentences: Sentence[] };
export type DraftView = { id: string; version: string; status: DraftStatus; title: Bilingual; language: "en" | "zh"; composed: string; sections: DraftSection[]; author: string; machine: boolean;
  signature?: { who: Bilingual; reference: string; when: string; keyId: string; valid: boolean }; rejection?: { who: Bilingual; when: string; reason: string } };

/** GET /api/people/:id/signals → RecordingView[]; GET /api/signals/:id?from=&seconds= → SignalView (millivolts; NaN never: gaps are null). */
export type RecordingView = Cited & { label: Bilingual; start: string; seconds: number; rate: number; leads: string[]; device?: Bilingual; finding?: FindingView };
/** GET /api/signals?cursor= : recordings of one's people, newest first; `finding` is the rhythm, with its limits of quality. */
export type RecordingRow = RecordingView & { person: PersonSummary };
export type RecordingsPage = { rows: RecordingRow[]; next?: string };
export type SignalView = { reference: string; start: string; rate: number; from: number; seconds: number; totalSeconds: number; leads: { name: string; unit: "mV"; samples: (number | null)[] }[];
  beats: { seconds: number }[]; heartRate?: number; rhythm?: Bilingual };

/** GET /api/resource/:type/:id?version= → the resource as stored plus where it stands in the ledger. */
export type ResourceView = { reference: string; version: string; lastUpdated: string; current: boolean; text: string; label: Bilingual; source?: string; ledger?: LeafView };
export type LeafView = { index?: number /* absent until sequenced */; leafHash: string /* hex */; kind: string; at: string };

/** GET /api/ledger → LedgerView; GET /api/ledger/proof?reference=&version= → ProofView (checked in the browser);
 *  POST /api/ledger/verify (administrator) starts a verification, or joins the one that runs, → VerifyState (202); GET the
 *  same path → VerifyState; GET /api/ledger/key → {name, publicKey (base64), keyId}. */
export type LedgerView = { origin: string; checkpoint: string; size: number; root: string /* hex */; signedAt: string; pending: number; publicKey: string; leaves: { index: number; leafHash: string; kind: string; at: string }[] };
export type ProofView = { reference: string; version: string; /** canonical leaf preimage: salt (hex) and payload JSON text; leafHash = SHA-256(0x00 ‖ SHA-256(salt ‖ payload)) */ salt: string; payload: string; contentSha256: string; leafHash: string; index: number; size: number; root: string; path: string[] /* hex, leaf upwards */; checkpoint: string };
export type VerifyView = VerifyReport & { /** when it ended */ at: string };
/** `share`: 0…1 of the whole; `step` and its own done and total. */
export type VerifyState = { state: "none" } | { state: "running"; since: string; share: number; step: VerifyProgress["step"]; done: number; total: number } | { state: "done"; report: VerifyView } | { state: "failed"; at: string };

/** GET /api/methods → MethodView[]; POST /api/methods/:id/run {inputs} → Finding[] (what-if, never stored); POST /api/people/:id/assess → {stored: number}. */
export type MethodView = { id: string; version: string; title: Bilingual; population: Bilingual; inputs: { name: string; label: Bilingual; kind: string; unit?: string; required: boolean; range?: { low: number; high: number } }[]; sources: { citation: string; doi?: string; url?: string }[] };

/** Administrator only. GET /api/accounts → ManagedAccount[]; POST /api/accounts {username, password, role, agent, en, zh};
 *  PUT /api/accounts/:id/disabled {disabled}; PUT /api/accounts/:id/password {password}. */
export type ManagedAccount = Account & { id: string; disabled: boolean };
/** GET /api/node (administrator) */
export type NodeView = { name: Bilingual; demo: boolean; version: string; node: string; started: string; accounts: number; database: { embedded: boolean; postgres: string; bytes: number };
  ledger: { size: number; pending: number; checkpoint?: { size: number; at: string } }; population?: Progress };

/** GET /api/access/:patient → who looked (patient and administrator). */
export type AccessEvent = { at: string; agent: Bilingual; kind: string; index?: number };


/** GET /api/people/:id/inputs?method= → what the record gives this method for this person now: the start of a what-if. Never stored. */
export type MethodInputs = { method: string; inputs: Record<string, number | boolean | string>; missing: string[] };
