-- Outgoing webhooks: who is told where, what waits for them in which order, and what became of it. Queues only carry ids:
-- when something is due, and who is at it, stands here.
create table webhook_endpoint (
  id               text primary key,
  organisation_id  text not null references organisation,
  -- Sealed: some systems put a token into their address.
  url_cipher       bytea not null,
  types            text[] not null,
  signing          text not null,
  enabled          boolean not null default true,
  -- GONE, FAILING, or by hand.
  disabled_reason  text,
  created_at       timestamptz not null,
  -- The back-off is the endpoint's: how often it failed in a row, since when, and when it is tried again.
  failures         integer not null default 0,
  failing_since    timestamptz,
  next_probe_at    timestamptz,
  -- While it fails, one message at a time is tried: until when somebody is at it.
  probing_until    timestamptz,
  -- Attempts a second, and when the next may begin (generic cell rate algorithm).
  rate_per_second  integer not null,
  free_at          timestamptz not null
);
create index webhook_endpoint_by_organisation on webhook_endpoint (organisation_id);

-- Several are good at once while one is being replaced.
create table webhook_secret (
  id           bigint generated always as identity primary key,
  endpoint_id  text not null references webhook_endpoint,
  cipher       bytea not null,
  created_at   timestamptz not null,
  not_after    timestamptz
);
create index webhook_secret_by_endpoint on webhook_secret (endpoint_id);

-- One lane of one endpoint. Whoever adds to a lane, or moves it on, locks its row first.
create table webhook_lane (
  endpoint_id    text not null references webhook_endpoint,
  lane           text not null,
  last_sequence  integer not null,
  primary key (endpoint_id, lane)
);

create table delivery (
  id               text primary key,
  -- The webhook-id: the receiver's key for doing a thing once.
  message_id       text not null,
  endpoint_id      text not null references webhook_endpoint,
  lane             text not null,
  -- The order within a lane; made under the lane's lock.
  position         bigint generated always as identity,
  type             text not null,
  sequence         integer,
  referral_id      text references referral,
  dispute_id       text,
  -- The bytes that are signed, the same at every attempt.
  body             bytea not null,
  status           text not null,
  reason           text,
  attempts         integer not null default 0,
  next_attempt_at  timestamptz,
  leased_until     timestamptz,
  leased_by        text,
  desk_due_at      timestamptz,
  desk_task_at     timestamptz,
  created_at       timestamptz not null,
  unique (endpoint_id, message_id),
  check (status in ('PENDING', 'WAITING', 'RETRYING', 'DELIVERED', 'FAILED', 'SKIPPED'))
);
-- One message of a lane at a time, whatever the workers do; one that has failed holds its lane.
create unique index delivery_front on delivery (endpoint_id, lane) where status in ('PENDING', 'RETRYING', 'FAILED');
create index delivery_queued on delivery (endpoint_id, lane, position) where status = 'WAITING';
create index delivery_due on delivery (endpoint_id, attempts, position) where status in ('PENDING', 'RETRYING');
create index delivery_leased on delivery (endpoint_id, leased_until) where leased_by is not null;
create index delivery_by_status on delivery (endpoint_id, status, position desc);
create index delivery_by_position on delivery (endpoint_id, position desc);
create index delivery_by_referral on delivery (referral_id, endpoint_id, position desc) where referral_id is not null;
create index delivery_desk_due on delivery (desk_due_at)
  where desk_due_at is not null and desk_task_at is null and status not in ('DELIVERED', 'SKIPPED');

-- Kept for 90 days.
create table delivery_attempt (
  id           bigint generated always as identity primary key,
  delivery_id  text not null references delivery,
  at           timestamptz not null,
  status       integer,
  duration_ms  integer not null,
  error        text,
  -- The first 1 kB of the answer.
  excerpt      text
);
create index delivery_attempt_by_delivery on delivery_attempt (delivery_id, id);
create index delivery_attempt_by_age on delivery_attempt (at);

-- What the centre's desk has to do by hand: telephone whoever cannot be reached.
create table desk_task (
  id           text primary key,
  referral_id  text references referral,
  delivery_id  text not null references delivery,
  reason       text not null,
  opened_at    timestamptz not null,
  done_at      timestamptz
);
create index desk_task_open on desk_task (opened_at) where done_at is null;
create index desk_task_by_delivery on desk_task (delivery_id);
