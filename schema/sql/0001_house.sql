-- The centre's own truth: organisations, the index of who has which record where, persons, disputes, who may see them,
-- what was disclosed and who did what. Contents of departments' records are not kept here, except of those that come as
-- nightly files and cannot be asked (drop_row); what joining needs is kept encrypted (…_cipher: AES-256-GCM) or as keyed
-- hashes (…_hash: HMAC-SHA-256 under the installation's key).

-- ── Organisations ──────────────────────────────────────────────────────────────────────────────────────────
create table organisation (
  id         text primary key,
  code       text not null unique,
  name       text not null,
  level      text not null,
  kind       text not null,
  parent_id  text references organisation,
  -- Codes from the root, each followed by a slash ('county/police/t03-station/'): a subtree is a prefix.
  path       text not null unique,
  sources    text[] not null default '{}',
  closed_at  timestamptz
);
create index organisation_by_path on organisation (path text_pattern_ops);
create index organisation_by_parent on organisation (parent_id);

-- A basis per source (网络数据安全管理条例 16): without one in force for the purpose, a department's part is not read.
create table agreement (
  source       text primary key,
  purposes     text[] not null,
  field_groups text[] not null,
  expires      date not null
);

-- ── Persons and the index of records ───────────────────────────────────────────────────────────────────────
create table person (
  id           text primary key,
  created_at   timestamptz not null,
  -- Set when joined into another; the id resolves to the survivor for ever.
  survivor_id  text references person
);
create index person_by_survivor on person (survivor_id) where survivor_id is not null;

create table record (
  id             text primary key,
  source         text not null,
  key_hash       bytea not null,
  key_cipher     bytea not null,
  number_hash    bytea not null,
  kind           text not null,
  category       text,
  occurred_at    timestamptz not null,
  office_id      text references organisation,
  place_id       text references organisation,
  sealed         boolean not null,
  classified     boolean not null,
  protected      boolean not null,
  accused_ids    text[] not null default '{}',
  -- What a dispute takes over from its records: by which channel it came in, a petition's purpose and whether it is collective.
  channel        text not null,
  petition_purpose text,
  collective     boolean not null default false,
  -- Keyed hash of all that is indexed: reading the same again writes nothing.
  digest         bytea not null,
  first_seen_at  timestamptz not null,
  changed_at     timestamptz not null,
  -- The department no longer holds it. The row stays, so that history keeps its parties.
  gone_at        timestamptz,
  unique (source, key_hash)
);
create index record_by_number on record (source, number_hash);
create index record_by_office on record (office_id, occurred_at desc);

-- One human being (or organisation) as one record names them.
create table mention (
  id               text primary key,
  record_id        text not null references record,
  ref              text not null,
  role             text not null,
  person_id        text references person,
  organisation_id  text references organisation,
  sex              text not null,
  -- Name, citizen ID, birth date, phone and address as that record has them.
  cipher           bytea not null,
  name_hash        bytea not null,
  -- First character and pairs of characters: search without reading names.
  name_tokens      bytea[] not null,
  -- Only of numbers that pass their check digit, 15 digits upgraded.
  citizen_id_hash  bytea,
  birth_hash       bytea,
  phone_hash       bytea,
  birth_year       smallint,
  -- Why this mention belongs to its person: SINGLE CITIZEN_ID SCORE HUMAN.
  matched_by       text not null,
  score            real,
  -- When it was first read in: of the parts of a person that falls apart, the one with the oldest mention keeps the id.
  created_at       timestamptz not null,
  joined_at        timestamptz not null,
  gone_at          timestamptz,
  unique (record_id, ref),
  check ((person_id is null) <> (organisation_id is null))
)
-- Room for the second record of a person to change the first one's row in place, without touching its indexes.
with (fillfactor = 80);
create index mention_by_person on mention (person_id) where gone_at is null;
create index mention_by_citizen_id on mention (citizen_id_hash) where citizen_id_hash is not null;
create index mention_by_phone on mention (phone_hash) where phone_hash is not null;
create index mention_by_name on mention using gin (name_tokens);

-- Every join and every parting with its rule and evidence, kept for ever: identity is reversible. Evidence names
-- fields and how they agreed, never their values.
create table joining (
  id              bigint generated always as identity primary key,
  at              timestamptz not null,
  mention_id      text not null references mention,
  from_person_id  text references person,
  to_person_id    text not null references person,
  rule            text not null,
  evidence        jsonb not null,
  decided_by      text not null
);
create index joining_by_mention on joining (mention_id);

-- An equal citizen ID whose name and birth date both disagree joins nobody: a human will look.
create table identity_review (
  id           text primary key,
  status       text not null default 'OPEN',
  a_mention_id text not null references mention,
  b_mention_id text not null references mention,
  evidence     jsonb not null,
  proposed_at  timestamptz not null,
  unique (a_mention_id, b_mention_id)
);
create index identity_review_by_b on identity_review (b_mention_id);

-- An explicit cross-reference of one record to another by its printed number, which may not have been read in yet.
create table record_reference (
  record_id    text not null references record,
  source       text not null,
  number_hash  bytea not null,
  primary key (record_id, source, number_hash)
);
create index record_reference_by_target on record_reference (source, number_hash);

-- ── Disputes ───────────────────────────────────────────────────────────────────────────────────────────────
create sequence dispute_number;

create table dispute (
  id                  text primary key,
  number              text not null unique,
  version             integer not null default 1,
  title_cipher        bytea not null,
  description_cipher  bytea,
  category            text not null,
  channels            text[] not null,
  place_id            text references organisation,
  address_cipher      bytea,
  urgency             text not null default 'ROUTINE',
  stage               text not null default 'OPEN',
  petition_purpose    text,
  accused_ids         text[] not null default '{}',
  is_collective       boolean not null default false,
  missing_documents   text[] not null default '{}',
  opened_at           timestamptz not null,
  resolved_at         timestamptz,
  -- Set when cross-references showed two to be one; the id resolves to the survivor for ever.
  survivor_id         text references dispute
);

-- Which records tell of a dispute. Taking one out keeps the row, with when and why.
create table dispute_record (
  dispute_id   text not null references dispute,
  record_id    text not null references record,
  rule         text not null,
  reason       text,
  linked_by    text not null,
  linked_at    timestamptz not null,
  unlinked_at  timestamptz,
  unlinked_by  text,
  unlink_reason text
);
create unique index dispute_record_live on dispute_record (record_id) where unlinked_at is null;
create index dispute_record_by_dispute on dispute_record (dispute_id);
create index dispute_record_by_record on dispute_record (record_id);

-- Who may see which dispute; maintained in the transaction of whatever changes it. An organisation accused in the
-- dispute, and everyone under it, has no row here whatever else speaks for one.
create table visible (
  organisation_id  text not null references organisation,
  dispute_id       text not null references dispute,
  opened_at        timestamptz not null,
  primary key (organisation_id, dispute_id)
);
create index visible_by_time on visible (organisation_id, opened_at, dispute_id);
create index visible_by_dispute on visible (dispute_id);

-- ── Reading in ─────────────────────────────────────────────────────────────────────────────────────────────
-- One row per department: where its change feed was left, and when it is to be looked at next. The lease keeps two
-- workers from reading the same feed; it ends by itself when its holder dies.
create table source_feed (
  source           text primary key,
  cursor_cipher    bytea,
  due_at           timestamptz not null,
  leased_until     timestamptz,
  -- Which claim holds the lease: a reader that lost it can store nothing more.
  leased_by        text,
  attempts         integer not null default 0,
  last_success_at  timestamptz,
  last_error       text,
  -- First load finished: from then on the index is complete up to last_success_at.
  loaded_at        timestamptz,
  total            bigint,
  done             bigint not null default 0
);

-- How departments' systems are, as each service that asks them last saw it; for an oversight that runs elsewhere.
create unlogged table source_health (
  source       text not null,
  instance     text not null,
  reported_at  timestamptz not null,
  health       jsonb not null,
  primary key (source, instance)
);

-- What a department sent that could not be read: where it stands there, which field, why. Never the content.
create table quarantined (
  source      text not null,
  place       text not null,
  field       text not null,
  reason      text not null,
  first_seen_at timestamptz not null,
  last_seen_at  timestamptz not null,
  primary key (source, place, field)
);

-- Last good answers of departments, for when they do not answer. Unlogged: losing it loses nothing.
create unlogged table read_cache (
  source     text not null,
  key_hash   bytea not null,
  cipher     bytea not null,
  stored_at  timestamptz not null,
  primary key (source, key_hash)
);
create index read_cache_by_age on read_cache (stored_at);

-- ── Departments fed by files ───────────────────────────────────────────────────────────────────────────────
-- A system that only drops files every night cannot be asked by key: its rows are kept here, encrypted.
create sequence drop_change;

create table drop_row (
  source         text not null,
  key_hash       bytea not null,
  key_cipher     bytea not null,
  -- Null: the department no longer holds it. The row stays, so that an older delivery read late does not bring it back.
  cipher         bytea,
  -- Keyed hash of the content: delivered again unchanged is no change.
  digest         bytea,
  -- The delivery that spoke of it last; what an older one says of it is not taken.
  day            date not null,
  send_number    integer not null,
  -- What it was before that delta day: what a re-sent one that leaves it out goes back to.
  before_cipher  bytea,
  before_digest  bytea,
  before_day     date,
  before_send_number integer,
  changed_seq    bigint not null,
  primary key (source, key_hash)
);
create unique index drop_row_by_change on drop_row (source, changed_seq);
create index drop_row_by_delivery on drop_row (source, day, send_number);

-- One night's delivery. WAITING: half-written or not what its manifest says, looked at again later · IMPORTING · IMPORTED.
create table drop_delivery (
  source       text not null,
  day          date not null,
  -- 0 while there is no manifest that can be read.
  send_number  integer not null,
  status       text not null,
  -- Names, counts and digests of its files; nothing of their rows.
  manifest     jsonb,
  -- How far it has been imported; sizes and times of the files that were verified, or found wanting.
  progress     jsonb,
  made_at      timestamptz,
  noticed_at   timestamptz not null,
  imported_at  timestamptz,
  -- Since when somebody has been told that it is still WAITING.
  reported_at  timestamptz,
  primary key (source, day, send_number)
);

-- What could not be read of a delivery, in the order of the change feed: file, line and field, never the content.
create table drop_fault (
  source       text not null,
  place        text not null,
  field        text not null,
  reason       text not null,
  changed_seq  bigint not null,
  primary key (source, place, field)
);
create index drop_fault_by_change on drop_fault (source, changed_seq);

-- ── Departments that know no changes ───────────────────────────────────────────────────────────────────────
-- The petition bureau's views are scanned for changes; this is what the last scan told of each row. The key is a row number
-- of the bureau's, in plain because ranges of keys are compared; nothing here leads from it to a person.
create table petition_scan (
  key       text collate "C" primary key,
  -- Keyed hash of the row. Null: told that it is gone.
  row_hash  bytea,
  -- The page that told it, while it is not known that the page was stored: until then it is told again.
  page      text
);
create index petition_scan_in_doubt on petition_scan (page) where page is not null;

-- ── Who saw what, who did what ─────────────────────────────────────────────────────────────────────────────
create table disclosure (
  id               bigint generated always as identity primary key,
  at               timestamptz not null,
  request_id       text not null,
  subject          text not null,
  organisation_id  text not null references organisation,
  purpose          text not null,
  reason           text,
  person_id        text not null references person,
  field_groups     text[] not null,
  link             text not null
);
create index disclosure_by_person on disclosure (person_id, at);
create index disclosure_by_reader on disclosure (organisation_id, subject, at);

create table audit_entry (
  id               bigint generated always as identity primary key,
  at               timestamptz not null,
  kind             text not null,
  actor_subject    text,
  actor_role       text not null,
  organisation_id  text references organisation,
  subject          text not null,
  body             jsonb not null
);
create index audit_entry_by_subject on audit_entry (subject, id);

-- One success per key: (organisation, caller, key) is inserted first, in the transaction of the act.
create table idempotency (
  organisation_id  text not null references organisation,
  subject          text not null,
  key_hash         bytea not null,
  operation        text not null,
  input_hash       bytea not null,
  result           jsonb,
  created_at       timestamptz not null,
  primary key (organisation_id, subject, key_hash)
);
create index idempotency_by_age on idempotency (created_at);
