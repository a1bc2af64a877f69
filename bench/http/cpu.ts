/** CPU time of a server and of the PostgreSQL behind it, by Linux's /proc: on a busy machine it says more than the clock. */
import { readFileSync, readdirSync } from "node:fs";

/** USER_HZ of every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Seconds used so far by the process and by the children of the postmaster; undefined where there is no /proc. */
export function cpuOf(pid: number, postmaster: number): { server: number; postgres: number } | undefined {
  try {
    let postgres = 0;
    for (const name of readdirSync("/proc")) if (/^\d+$/.test(name)) {
      const status = statusOf(Number(name));
      if (status?.parent === postmaster) postgres += status.seconds;
    }
    return { server: statusOf(pid)?.seconds ?? 0, postgres };
  } catch {
    return undefined;
  }
}

function statusOf(pid: number): { parent: number; seconds: number } | undefined {
  try {
    // After the name in parentheses: state, parent, …; the 12th and 13th are utime and stime.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond };
  } catch {
    return undefined;
  }
}
