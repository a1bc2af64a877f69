/**
 * Only leaves of writes are looked up by their mark; a request's mark is its place (−1 − index), so an access row tells
 * its leaf without an index. Requests then write one index row less. Access rows of before 0004 get their leaf's place.
 */
export const name = "0006-marks";

export const statements: readonly string[] = [
  `update access a set mark = -1 - l.idx from leaf l where l.mark = a.mark and l.version = 0 and a.mark <> -1 - l.idx`,
  `drop index leaf_mark`,
  `create index leaf_mark on leaf (mark, version) where version > 0`,
];
