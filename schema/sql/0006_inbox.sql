-- What departments' systems send us. Secrets by which they sign: one per organisation, two while it is being changed.
create table inbound_secret (
  id               bigint generated always as identity primary key,
  organisation_id  text not null references organisation,
  secret_cipher    bytea not null,
  created_at       timestamptz not null,
  -- Null for the one issued last.
  not_after        timestamptz
);
create index inbound_secret_by_organisation on inbound_secret (organisation_id, id);

-- Stored before it is answered, then applied; what cannot be applied stays, with the reason.
create table inbox (
  -- The order in which they came.
  position         bigint generated always as identity primary key,
  id               text not null unique,
  organisation_id  text not null references organisation,
  -- `webhook-id`.
  message_id       text not null,
  -- Keyed hash of the body: the same id with another body is a mistake.
  body_digest      bytea not null,
  type             text not null,
  -- The referral that it names, whether or not there is one; of one organisation and lane they are applied in their order.
  lane             text,
  -- Of an accusation nobody but the sender sees even that it came.
  accusation       boolean not null,
  -- Null once it is applied: what it said is then where it belongs.
  body_cipher      bytea,
  received_at      timestamptz not null,
  status           text not null default 'ACCEPTED' check (status in ('ACCEPTED', 'APPLIED', 'REJECTED')),
  reason           text,
  applied_at       timestamptz,
  attempts         integer not null default 0,
  next_attempt_at  timestamptz not null,
  leased_until     timestamptz,
  -- Which claim holds the lease: who lost it can store nothing more.
  leased_by        text,
  unique (organisation_id, message_id)
);
create index inbox_due on inbox (next_attempt_at) where status = 'ACCEPTED';
create index inbox_lane on inbox (organisation_id, lane, position) where status = 'ACCEPTED';
create index inbox_by_time on inbox (received_at, id);
create index inbox_by_organisation on inbox (organisation_id, received_at, id);
create index inbox_by_referral on inbox (lane, received_at) where lane is not null;
