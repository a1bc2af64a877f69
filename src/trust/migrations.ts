/**
 * Tables of trust. They are small and belong to the node, not to a person: plain tables (local ones on Citus).
 * Only hashes of passwords and tokens are kept; private keys are sealed (signing/custody.ts).
 * A migration that has run anywhere is never edited; add another.
 */
import type { Migration } from "#record/schema/migrate.ts";

export const migrations: readonly Migration[] = [
  {
    name: "trust/0001-identity",
    statements: [
      `create schema if not exists trust`,
      `create table trust.account (
         id text primary key,
         username text not null unique,
         password text not null,
         display_en text not null,
         display_zh text not null,
         role text not null check (role in ('patient', 'practitioner', 'administrator')),
         agent text not null,
         demo boolean not null default false,
         demo_password text,
         disabled boolean not null default false,
         created timestamptz not null
       )`,
      `create table trust.token (
         hash bytea primary key,
         kind text not null check (kind in ('session', 'bearer', 'first-administrator')),
         account text references trust.account (id),
         created timestamptz not null,
         seen timestamptz not null,
         expires timestamptz not null
       )`,
      `create index token_account on trust.token (account)`,
      `create index token_expires on trust.token (expires)`,
      `create table trust.attempt (
         subject text primary key,
         failures integer not null,
         blocked_until timestamptz not null,
         last timestamptz not null
       )`,
    ],
  },
  {
    name: "trust/0002-signing",
    statements: [
      `create table trust.signing_key (
         id text primary key,
         owner text not null,
         agent text not null,
         public_key bytea not null,
         sealed bytea not null,
         created timestamptz not null,
         retired timestamptz
       )`,
      `create unique index signing_key_owner on trust.signing_key (owner) where retired is null`,
    ],
  },
];
