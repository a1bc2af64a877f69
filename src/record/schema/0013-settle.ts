/**
 * Writes of one statement: `settled` is asked by the statement that writes, looks at the state of that moment (each query of a
 * volatile function does), and raises where the writing has to be decided again: SA001 another writer was first, SA002 the
 * search parameters changed, SA003 the time written into the resources lies before a moment that was read as complete.
 * `stamp_floor`: the newest such moment, epoch ms (export/).
 */
export const name = "0013-settle";

export const statements: readonly string[] = [
  `create table stamp_floor (one int primary key check (one = 1), at bigint not null)`,
  `insert into stamp_floor values (1, 0)`,
  `create function settled(written bigint, expected bigint, known bigint, stamped bigint) returns boolean language plpgsql volatile as $$
   declare now_known bigint; floor bigint;
   begin
     if written <> expected then raise exception '% rows were to be written, % were', expected, written using errcode = 'SA001'; end if;
     select p.epoch, f.at into now_known, floor from parameter_epoch p, stamp_floor f where p.one = 1 and f.one = 1;
     if now_known is distinct from known then raise exception 'the search parameters changed' using errcode = 'SA002'; end if;
     if stamped <= floor then raise exception 'stamped %, complete until %', stamped, floor using errcode = 'SA003'; end if;
     return true;
   end $$`,
];
