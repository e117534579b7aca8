-- Referrals: what the centre does. The row is what the events left; the events say how it came about and are never changed.
create sequence referral_number;

create table referral (
  id                text primary key,
  number            text not null unique,
  -- As it was referred; the dispute may have been joined into another since (dispute.survivor_id).
  dispute_id        text not null references dispute,
  root_id           text not null references referral,
  parent_id         text references referral,
  kind              text not null,
  status            text not null,
  version           integer not null,
  from_id           text not null references organisation,
  lead_id           text not null references organisation,
  -- Exactly one organisation while it is open.
  responsible_id    text references organisation,
  urgency           text not null,
  playbook_id       text not null,
  playbook_version  text not null,
  legal_basis       text not null,
  summary_cipher    bytea not null,
  -- core/referrals/state.ts; the columns are taken from it.
  state             jsonb not null,
  light             text not null,
  -- Of the running clock that is due first.
  due_at            timestamptz,
  -- When a clock next has something to say.
  tick_at           timestamptz,
  opened_at         timestamptz not null,
  closed_at         timestamptz,
  check ((responsible_id is null) = (status in ('CLOSED', 'WITHDRAWN'))),
  check ((closed_at is null) = (responsible_id is not null))
);
create index referral_by_dispute on referral (dispute_id);
create index referral_by_root on referral (root_id, opened_at);
create index referral_by_parent on referral (parent_id) where parent_id is not null;
create index referral_by_tick on referral (tick_at) where tick_at is not null;

create table referral_event (
  id               text primary key,
  referral_id      text not null references referral,
  sequence         integer not null,
  type             text not null,
  at               timestamptz not null,
  version          integer not null,
  step             text not null,
  -- Null when a clock spoke.
  actor_subject    text,
  actor_role       text not null,
  actor_name       text,
  actor_organisation_id text references organisation,
  responsible_id   text references organisation,
  body             jsonb not null,
  -- What somebody wrote: notes, feedback, whom they told.
  words_cipher     bytea,
  unique (referral_id, sequence)
);

-- Who has to do with a referral, or had. FORMER_LEAD and FORMER keep sight of the referral, not of the dispute.
create table referral_party (
  referral_id      text not null references referral,
  organisation_id  text not null references organisation,
  role             text not null,
  primary key (referral_id, organisation_id, role)
);
create index referral_party_by_organisation on referral_party (organisation_id, referral_id);

-- Who may see which referral, as `visible` says it of disputes, in the orders in which they are listed.
create table referral_sight (
  organisation_id  text not null,
  referral_id      text not null,
  opened_at        timestamptz not null,
  -- 'infinity' when no clock runs: after everything that is due.
  due_at           timestamptz not null,
  primary key (organisation_id, referral_id)
);
create index referral_sight_by_due on referral_sight (organisation_id, due_at, referral_id);
create index referral_sight_by_time on referral_sight (organisation_id, opened_at, referral_id);
create index referral_sight_by_referral on referral_sight (referral_id);

-- What is to be told to others, written with the act that it tells of, in its order. Told apart by lane: of one lane the
-- messages go out one after the other. A lane is a referral's id, or a dispute's.
create table outbox (
  position       bigint generated always as identity primary key,
  id             text not null unique,
  lane           text not null,
  type           text not null,
  at             timestamptz not null,
  referral_id    text references referral,
  -- Whose endpoints are told, unless the dispute accuses them.
  audience       text[] not null,
  dispute_id     text,
  body           jsonb not null,
  dispatched_at  timestamptz
);
create index outbox_waiting on outbox (lane, position) where dispatched_at is null;
