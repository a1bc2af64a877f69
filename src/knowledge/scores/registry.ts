/** Every score. The order is that of lists on screens and of `salus score list`. */
import type { Method } from "#findings/method.ts";
import { bmi } from "./bmi.ts";
import { cha2ds2Vasc } from "./cha2ds2-vasc.ts";
import { ckdEpi2009Method, ckdEpi2021Method } from "./ckd-epi.ts";
import { news2 } from "./news2.ts";
import { prevent10, prevent30 } from "./prevent.ts";
import { score2Method, score2OpMethod } from "./score2.ts";

export const scores: readonly Method[] = [prevent10, prevent30, score2Method, score2OpMethod, cha2ds2Vasc, news2, ckdEpi2021Method, ckdEpi2009Method, bmi];
