-- A key of its own for everything that can be destroyed by itself: what one record says of one person (mention), a person's
-- commitments in the audit log, a dispute's texts, a referral's words. Wrapped by a master key, which is in no database.
-- Backups carry these rows in a file of their own: a row that is emptied is forgotten by all backups of the data at once.
create table data_key (
  -- Whose key it is: men_…, per_…, dsp_…, ref_….
  id            text primary key,
  -- The number of the master key (two bytes), then AES-256-GCM. Empty: destroyed. The row stays, so that nobody makes another in
  -- silence, and so that there never are fewer of them.
  wrapped       bytea not null,
  made_at       timestamptz not null default now(),
  destroyed_at  timestamptz,
  check ((destroyed_at is null) = (length(wrapped) > 0))
);

-- Since a master key stands here, none with a smaller number may wrap a key: a program that has not heard of it is refused.
create table data_key_master (
  number  integer primary key,
  since   timestamptz not null default now()
);

-- What has had its time is looked for every quarter of an hour (schema/rules/retention.yaml).
create index outbox_done on outbox (dispatched_at) where dispatched_at is not null;
create index delivery_done on delivery (created_at) where status in ('DELIVERED', 'SKIPPED');
create index desk_task_done on desk_task (done_at) where done_at is not null;
