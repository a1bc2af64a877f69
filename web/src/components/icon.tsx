/** Line icons, 20 px; always beside a word (visible, or the control's name). */
const paths = {
  worklist: "M4 5h2M4 10h2M4 15h2M9 5h8M9 10h8M9 15h8", people: "M7.5 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 17c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13 3.4a3 3 0 0 1 0 5.2M15.5 12.6c1.6.8 2.5 2.4 2.5 4.4",
  ledger: "M10 2v4M10 6 5 10M10 6l5 4M5 10v3M15 10v3M3 13h4v4H3ZM13 13h4v4h-4Z", home: "M3 9.5 10 3l7 6.5V17h-5v-5H8v5H3Z", results: "M3 17V3M3 17h14M6 13l3-4 3 2 4-6",
  medicines: "M8 3.5 16.5 12a3.2 3.2 0 0 1-4.5 4.5L3.500 8A3.200 3.200 0 0 1 8 3.500ZM7.700 12.300l4.600-4.600", signal: "M2 11h3l2-6 3.500 11L13 8l1.500 3H18", access: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5ZM10 12.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400Z",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12ZM13.500 13.500 17 17", person: "M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM3.500 17.500c0-3.500 3-5.500 6.500-5.500s6.500 2 6.500 5.500", collapse: "M12 5l-5 5 5 5", expand: "M8 5l5 5-5 5", administration: "M3 6h7M14 6h3M3 14h3M10 14h7M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM8 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
} as const;
export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return <svg className="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={paths[name]} /></svg>;
}
