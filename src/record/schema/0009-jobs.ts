/**
 * Work that outlives its request (asynchronous requests, exports): see jobs/jobs.ts. On Citus both stay on the
 * coordinator. Outputs are kept in parts, so that a long file is written and sent without being held whole.
 */
export const name = "0009-jobs";

export const statements: readonly string[] = [
  // created, ended, expires, lease: epoch ms. request, result: JSON of whoever runs the kind.
  `create table job (
    id text collate "C" primary key, kind text not null, owner text not null, request text not null,
    state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
    progress text not null default '', result text, created bigint not null, ended bigint, expires bigint,
    worker text, lease bigint not null default 0, attempts int not null default 0)`,
  `create index job_open on job (created, id) where state in ('waiting', 'running')`,
  `create index job_expires on job (expires) where expires is not null`,
  `create table job_output (job text collate "C" not null, file int not null, part int not null, content text not null, primary key (job, file, part))`,
];
