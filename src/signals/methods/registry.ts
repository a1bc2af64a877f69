/** Methods over signals. The web, the API, evaluation and the sweep over a population take them from here. */
import type { Method } from "#findings/method.ts";
import { ecgRhythm } from "./ecg-rhythm.ts";

export const signalMethods: readonly Method[] = [ecgRhythm];
