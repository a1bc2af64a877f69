/** One line of the bench table: our figure and the floor's for the same work in the same run. */
export type Row = { group: string; name: string; ours: number; floor: number; unit: string; note?: string };
