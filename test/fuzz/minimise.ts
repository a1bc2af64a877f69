/** A shorter input that still fails in the same way: stretches are left out, halves first, single bytes last. */
export async function minimise(input: Uint8Array, fails: (input: Uint8Array) => Promise<boolean>, milliseconds: number): Promise<Uint8Array> {
  const until = performance.now() + milliseconds;
  let best = input;
  for (let size = best.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at < best.length && performance.now() < until; ) {
      const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      if (await fails(shorter)) best = shorter;
      else at += size;
    }
  return best;
}
