/**
 * What an initial load leaves out for its time (load/), and the one index by target that writing itself asks: whose
 * persons follow from a resource that is written (heirs.ts). It holds the few references persons are inherited through,
 * so that all others can be left out.
 */
export const name = "0022-initial-load";

export const statements: readonly string[] = [
  // definition: as PostgreSQL states it, so that it is made again as it was.
  `create table absent_index (name text primary key, tab text not null, definition text not null)`,
  // Keys of the parameters in persons.ts.
  `create index reference_heir on reference (target) where param in (2019771332, -2005070833, -1435787764, -1045798712, -24517433, 1435090727, -1374789626, -379285072, -1594748855, -1704754, 495158189, -1551711721, 1601828585)`,
];
