-- What might be one dispute though no record names the other (比对排查): proposals for a human, what humans have answered, and what has joined
-- by itself (ACCEPTED by nobody). `record_id` would go to the dispute of `beside_id`, the earlier of the two; which dispute that is, and
-- whether the question still stands, is looked up. Reasons are codes. What the one who decided wrote is about people: sealed under the key of
-- the dispute `reason_owner`.
create table dispute_link_proposal (
  id           text primary key,
  status       text not null default 'OPEN',
  record_id    text not null references record,
  beside_id    text not null references record,
  -- COMPARED: as long as the two still compare so · INTAKE: the desk took down what was a dispute already that it may not be told of.
  origin       text not null,
  score        real not null,
  reasons      text[] not null,
  version      text not null,
  proposed_at  timestamptz not null,
  decided_by   jsonb,
  decided_at   timestamptz,
  reason_owner text,
  reason_cipher bytea,
  unique (record_id, beside_id),
  constraint dispute_link_proposal_status check (status in ('OPEN', 'ACCEPTED', 'REJECTED')),
  constraint dispute_link_proposal_origin check (origin in ('COMPARED', 'INTAKE')),
  constraint dispute_link_proposal_decided check ((status = 'OPEN') = (decided_at is null)),
  constraint dispute_link_proposal_reason check ((reason_cipher is null) = (reason_owner is null))
);
create index dispute_link_proposal_by_beside on dispute_link_proposal (beside_id);
create index dispute_link_proposal_by_time on dispute_link_proposal (status, proposed_at, id);
create index dispute_link_proposal_by_reason on dispute_link_proposal (reason_owner) where reason_owner is not null;

-- Records that are to be compared: they have come, changed or gone, or a human has put them elsewhere. Nothing comes here during first loads.
create table dispute_link_waiting (
  record_id text primary key,
  -- Where all are compared, somebody who stands on it: those of one person are read together.
  around    text not null default ''
);
create index dispute_link_waiting_in_turn on dispute_link_waiting (around, record_id);

-- Who was joined or parted is read from `joining`, which has every change in the order in which they were committed: up to here.
create table dispute_link_progress (
  joined_through bigint not null,
  -- By this the open ones were worked out. Of another version everything is compared again, from the beginning.
  version text not null
);
insert into dispute_link_progress (joined_through, version) values (0, '');
