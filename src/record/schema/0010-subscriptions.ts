/**
 * Subscriptions beside their resources: whose they are, how far they are delivered, and which process delivers. Events
 * hold no content; what was changed is read, with the owner's reach, when it is told. On Citus all stay on the coordinator.
 */
export const name = "0010-subscriptions";

export const statements: readonly string[] = [
  // Times: epoch ms. version: of the Subscription that state is of, 0 before it was looked at. ends: of Subscription.end.
  `create table subscription (
    rid bigint primary key, id text collate "C" not null, owner text not null, secret text not null,
    version int not null default 0, state text not null default 'requested' check (state in ('requested', 'active', 'error', 'off')),
    verified text, error text, heartbeat bigint, ends bigint,
    events bigint not null default 0, delivered bigint not null default 0, sent bigint not null default 0, attempts int not null default 0,
    due bigint, worker text, lease bigint not null default 0)`,
  `create index subscription_due on subscription (due) where due is not null`,
  `create table subscription_event (rid bigint not null, number bigint not null, at bigint not null, kind text not null, type text not null, id text collate "C" not null, version int not null, primary key (rid, number))`,
  `create index subscription_event_at on subscription_event (at)`,
  // How far the outbox was held against subscriptions: every database has one place.
  `create table subscription_place (one int primary key check (one = 1), pos bigint not null)`,
  `insert into subscription_place select 1, coalesce(max(pos), 0) from change`,
  // hash: of the token that binds a websocket, hex.
  `create table subscription_binding (hash text primary key, ids text not null, expires bigint not null)`,
];
