/**
 * What validation and FHIRPath ask of terminology. Answers are three-valued: "unknown" where the code system or value
 * set has no content here, which is never "not in it".
 */
export type CodingLike = { system?: string; version?: string; code?: string; display?: string };

export type Membership =
  /** `display`: the preferred one; `displayFault` where the given display is none of the concept's. */
  | { kind: "member"; display?: string; displayFault?: string }
  /** `text`: what was found and what would fit. */
  | { kind: "not-member"; text: string }
  /** `text`: which system or value set is not known here. */
  | { kind: "unknown"; text: string };

export type TerminologyPort = {
  /** Is the coding in the value set (canonical url, with or without |version)? Without a system: is the bare code in it? */
  memberOf(valueSet: string, coding: CodingLike): Membership;
  /** Is the code one of its system? */
  inSystem(coding: CodingLike): Membership;
  /** Undefined: not known here. */
  subsumes(system: string, above: string, below: string): boolean | undefined;
};
