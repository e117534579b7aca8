-- What was done becomes a log whose past cannot be changed unnoticed: a Merkle tree over the entries (RFC 9162). An entry is
-- appended with what it records, by whoever records it; one sequencer then moves it to its place in the tree.
alter table audit_entry rename to audit_entry_before_log;
alter index audit_entry_pkey rename to audit_entry_before_log_pkey;
drop index audit_entry_by_subject;
alter table audit_entry_before_log drop constraint audit_entry_organisation_id_fkey;

-- Appended, and not in the tree yet. Late committers come in wherever they are found: an id says nothing of the order in the tree.
create table audit_entry (
  id               bigint generated always as identity primary key,
  at               timestamptz not null,
  kind             text not null,
  actor_subject    text,
  actor_role       text not null,
  organisation_id  text,
  subject          text not null,
  -- Ids under which auditors find it beside its subject. Not in the bytes, so that what names a person can be erased.
  about            text[] not null,
  -- What the leaf is the hash of (core/audit/entry.ts). An entry of a tile bundle has at most 65,535.
  bytes            bytea not null check (octet_length(bytes) <= 65535),
  -- For how long it has been waiting; by this machine's clock, whatever the demo's says.
  appended_at      timestamptz not null default clock_timestamp()
);

-- In the tree. A partition holds a month's entries; it is bounded by their indexes, so that an index is one entry's alone.
create table audit_leaf (
  index            bigint primary key,
  id               bigint not null,
  at               timestamptz not null,
  kind             text not null,
  actor_subject    text,
  actor_role       text not null,
  organisation_id  text,
  subject          text not null,
  bytes            bytea not null
) partition by range (index);
create index audit_leaf_by_organisation on audit_leaf (organisation_id, index);
create index audit_leaf_by_actor on audit_leaf (actor_subject, index);
create index audit_leaf_by_time on audit_leaf (at, index);
create index audit_leaf_by_kind on audit_leaf (kind, index);

-- The partitions: which month from which index on. The last one has no end yet.
create table audit_month (
  month        date primary key,
  first_index  bigint not null unique
);

create table audit_about (
  about  text not null,
  index  bigint not null,
  primary key (about, index)
);
create index audit_about_by_index on audit_about (index);

-- The tree in tiles of 256 hashes (C2SP tlog-tiles); the last of a level is partial and grows.
create table audit_tile (
  level   smallint not null,
  index   bigint not null,
  hashes  bytea not null,
  primary key (level, index)
);
alter table audit_tile alter column hashes set storage external;

-- One row. `size` and `root`: the tree as it is stored; `note`: the newest checkpoint that everybody may see, of `note_size`.
create table audit_head (
  is_only    boolean primary key default true check (is_only),
  -- The log's name for ever.
  origin     text not null,
  size       bigint not null,
  root       bytea not null,
  at         timestamptz not null,
  note       text not null,
  note_size  bigint not null check (note_size <= size),
  -- Set by whoever restores a backup, until it is known that this is what was published last.
  is_restored boolean not null default false
);

-- Every entry, in the tree or on its way there, with what its bytes say.
create view audit_trail as
select null::bigint as index, id, at, kind, actor_subject, actor_role, organisation_id, subject, about || subject as about,
  convert_from(bytes, 'UTF8')::jsonb->'body' as body
from audit_entry
union all
select index, id, at, kind, actor_subject, actor_role, organisation_id, subject,
  array(select a.about from audit_about a where a.index = audit_leaf.index), convert_from(bytes, 'UTF8')::jsonb->'body'
from audit_leaf;

-- What was written down before there was a log goes into it first, as it stands there.
insert into audit_entry (at, kind, actor_subject, actor_role, organisation_id, subject, about, bytes)
select at, kind, actor_subject, actor_role, organisation_id, subject, '{}', convert_to(jsonb_build_object(
  'at', at, 'kind', kind, 'subject', subject, 'body', body,
  'actor', case when actor_subject is null then null else
    jsonb_build_object('organisation', organisation_id, 'role', actor_role, 'subject', actor_subject) end)::text, 'UTF8')
from audit_entry_before_log order by id;
drop table audit_entry_before_log;

-- Of the last event: the hash of its leaf, which the next event's entry names. Null: opened before there was a log.
alter table referral add column last_leaf bytea;

-- Entries stay for a second at most: what they leave behind is cleared away before it is in the way.
alter table audit_entry set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- What auditors look through for clocks that were edited, matters closed again, visits of another day (core/referrals/irregularity.ts).
create index referral_event_by_time on referral_event (at, id)
  where type in ('VISITED', 'RATED', 'CLOCK_PAUSED', 'CLOCK_RESUMED', 'EXTENSION_DECIDED', 'CLOSED');
