/** How often each point of the instrumented code was passed; instrumented modules import it and count. */
export const pointsMax = 1 << 16;
export const counters = new Uint32Array(pointsMax);
