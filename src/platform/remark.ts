/**
 * What a look at the node's own health says (`salus doctor`). error: data or service is in danger, or does not work;
 * warning: will become so, or is not as it should be; information: good to know. `mend`: what to do about it.
 */
export type Severity = "error" | "warning" | "information";
export type Remark = { check: string; severity: Severity; text: string; mend?: string };
