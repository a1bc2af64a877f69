/**
 * Seconds of CPU that this process has used. Bounds on hostile input are tested by it: the clock of a busy machine says
 * nothing of the work done.
 */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
