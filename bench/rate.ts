/** `amount` per second in the best of the runs that fit into `ms`, after three to warm up. */
export function rate(amount: number, work: () => void, ms = 400): number {
  for (let i = 0; i < 3; i++) work();
  let best = Number.POSITIVE_INFINITY;
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const started = performance.now();
    work();
    best = Math.min(best, performance.now() - started);
  }
  return amount / best * 1000;
}
