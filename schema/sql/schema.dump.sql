-- The schema that the numbered files add up to: compared in tests, not run. Refreshed by
--   UPDATE=1 npx vitest run core/platform/schema-dump.test.ts

sequence disclosure_id as bigint start 1 increment 1
sequence dispute_number as bigint start 1 increment 1
sequence drop_change as bigint start 1 increment 1
sequence referral_number as bigint start 1 increment 1

table agreement
  source text not null
  purposes text[] not null
  field_groups text[] not null
  expires date not null
  constraint agreement_pkey PRIMARY KEY (source)

table audit_about
  about text not null
  index bigint not null
  constraint audit_about_pkey PRIMARY KEY (about, index)
  CREATE INDEX audit_about_by_index ON public.audit_about USING btree (index)

table audit_entry with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000)
  id bigint not null generated always as identity
  at timestamp with time zone not null
  kind text not null
  actor_subject text
  actor_role text not null
  organisation_id text
  subject text not null
  about text[] not null
  bytes bytea not null
  appended_at timestamp with time zone not null default clock_timestamp()
  constraint audit_entry_pkey PRIMARY KEY (id)
  constraint audit_entry_bytes_check CHECK (octet_length(bytes) <= 65535)

table audit_head
  is_only boolean not null default true
  origin text not null
  size bigint not null
  root bytea not null
  at timestamp with time zone not null
  note text not null
  note_size bigint not null
  is_restored boolean not null default false
  constraint audit_head_pkey PRIMARY KEY (is_only)
  constraint audit_head_check CHECK (note_size <= size)
  constraint audit_head_is_only_check CHECK (is_only)

table audit_leaf partition by RANGE (index)
  index bigint not null
  id bigint not null
  at timestamp with time zone not null
  kind text not null
  actor_subject text
  actor_role text not null
  organisation_id text
  subject text not null
  bytes bytea not null
  constraint audit_leaf_pkey PRIMARY KEY (index)
  CREATE INDEX audit_leaf_by_actor ON ONLY public.audit_leaf USING btree (actor_subject, index)
  CREATE INDEX audit_leaf_by_kind ON ONLY public.audit_leaf USING btree (kind, index)
  CREATE INDEX audit_leaf_by_organisation ON ONLY public.audit_leaf USING btree (organisation_id, index)
  CREATE INDEX audit_leaf_by_time ON ONLY public.audit_leaf USING btree (at, index)

table audit_month
  month date not null
  first_index bigint not null
  constraint audit_month_pkey PRIMARY KEY (month)
  constraint audit_month_first_index_key UNIQUE (first_index)

table audit_tile
  level smallint not null
  index bigint not null
  hashes bytea not null
  constraint audit_tile_pkey PRIMARY KEY (level, index)

view audit_trail
  SELECT NULL::bigint AS index,
    id,
    at,
    kind,
    actor_subject,
    actor_role,
    organisation_id,
    subject,
    about || subject AS about,
    convert_from(bytes, 'UTF8'::name)::jsonb -> 'body'::text AS body
   FROM audit_entry
UNION ALL
 SELECT index,
    id,
    at,
    kind,
    actor_subject,
    actor_role,
    organisation_id,
    subject,
    ARRAY( SELECT about
           FROM audit_about a
          WHERE index = index) AS about,
    convert_from(bytes, 'UTF8'::name)::jsonb -> 'body'::text AS body
   FROM audit_leaf;
  index bigint
  id bigint
  at timestamp with time zone
  kind text
  actor_subject text
  actor_role text
  organisation_id text
  subject text
  about text[]
  body jsonb

table data_key
  id text not null
  wrapped bytea not null
  made_at timestamp with time zone not null default now()
  destroyed_at timestamp with time zone
  constraint data_key_pkey PRIMARY KEY (id)
  constraint data_key_check CHECK ((destroyed_at IS NULL) = (length(wrapped) > 0))

table data_key_master
  number integer not null
  since timestamp with time zone not null default now()
  constraint data_key_master_pkey PRIMARY KEY (number)

table delivery
  id text not null
  message_id text not null
  endpoint_id text not null
  lane text not null
  position bigint not null generated always as identity
  type text not null
  sequence integer
  referral_id text
  dispute_id text
  body bytea not null
  status text not null
  reason text
  attempts integer not null default 0
  next_attempt_at timestamp with time zone
  leased_until timestamp with time zone
  leased_by text
  desk_due_at timestamp with time zone
  desk_task_at timestamp with time zone
  created_at timestamp with time zone not null
  constraint delivery_pkey PRIMARY KEY (id)
  constraint delivery_endpoint_id_message_id_key UNIQUE (endpoint_id, message_id)
  constraint delivery_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint(id)
  constraint delivery_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES referral(id)
  constraint delivery_status_check CHECK (status = ANY (ARRAY['PENDING'::text, 'WAITING'::text, 'RETRYING'::text, 'DELIVERED'::text, 'FAILED'::text, 'SKIPPED'::text]))
  CREATE INDEX delivery_by_position ON public.delivery USING btree (endpoint_id, "position" DESC)
  CREATE INDEX delivery_by_referral ON public.delivery USING btree (referral_id, endpoint_id, "position" DESC) WHERE (referral_id IS NOT NULL)
  CREATE INDEX delivery_by_status ON public.delivery USING btree (endpoint_id, status, "position" DESC)
  CREATE INDEX delivery_desk_due ON public.delivery USING btree (desk_due_at) WHERE ((desk_due_at IS NOT NULL) AND (desk_task_at IS NULL) AND (status <> ALL (ARRAY['DELIVERED'::text, 'SKIPPED'::text])))
  CREATE INDEX delivery_done ON public.delivery USING btree (created_at) WHERE (status = ANY (ARRAY['DELIVERED'::text, 'SKIPPED'::text]))
  CREATE INDEX delivery_due ON public.delivery USING btree (endpoint_id, attempts, "position") WHERE (status = ANY (ARRAY['PENDING'::text, 'RETRYING'::text]))
  CREATE UNIQUE INDEX delivery_front ON public.delivery USING btree (endpoint_id, lane) WHERE (status = ANY (ARRAY['PENDING'::text, 'RETRYING'::text, 'FAILED'::text]))
  CREATE INDEX delivery_leased ON public.delivery USING btree (endpoint_id, leased_until) WHERE (leased_by IS NOT NULL)
  CREATE INDEX delivery_queued ON public.delivery USING btree (endpoint_id, lane, "position") WHERE (status = 'WAITING'::text)

table delivery_attempt
  id bigint not null generated always as identity
  delivery_id text not null
  at timestamp with time zone not null
  status integer
  duration_ms integer not null
  error text
  excerpt text
  constraint delivery_attempt_pkey PRIMARY KEY (id)
  constraint delivery_attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id)
  CREATE INDEX delivery_attempt_by_age ON public.delivery_attempt USING btree (at)
  CREATE INDEX delivery_attempt_by_delivery ON public.delivery_attempt USING btree (delivery_id, id)

table desk_task
  id text not null
  referral_id text
  delivery_id text not null
  reason text not null
  opened_at timestamp with time zone not null
  done_at timestamp with time zone
  constraint desk_task_pkey PRIMARY KEY (id)
  constraint desk_task_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id)
  constraint desk_task_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES referral(id)
  CREATE INDEX desk_task_by_delivery ON public.desk_task USING btree (delivery_id)
  CREATE INDEX desk_task_done ON public.desk_task USING btree (done_at) WHERE (done_at IS NOT NULL)
  CREATE INDEX desk_task_open ON public.desk_task USING btree (opened_at) WHERE (done_at IS NULL)

table disclosure partition by RANGE (at)
  id bigint not null default nextval('disclosure_id'::regclass)
  at timestamp with time zone not null
  request_id text not null
  subject text not null
  organisation_id text not null
  purpose text
  reason text
  reason_cipher bytea
  person_id text
  record_id text
  dispute_id text
  referral_id text
  field_groups text[] not null
  link text
  constraint disclosure_pkey PRIMARY KEY (at, id)
  constraint disclosure_of_something CHECK (COALESCE(person_id, record_id, dispute_id, referral_id) IS NOT NULL)
  CREATE INDEX disclosure_by_dispute ON ONLY public.disclosure USING btree (dispute_id, at DESC) WHERE ((person_id IS NULL) AND (dispute_id IS NOT NULL))
  CREATE INDEX disclosure_by_person ON ONLY public.disclosure USING btree (person_id, at DESC, id DESC) WHERE (person_id IS NOT NULL)
  CREATE INDEX disclosure_by_reader ON ONLY public.disclosure USING btree (organisation_id, subject, at)
  CREATE INDEX disclosure_by_record ON ONLY public.disclosure USING btree (record_id, at DESC) WHERE ((person_id IS NULL) AND (record_id IS NOT NULL))
  CREATE INDEX disclosure_by_referral ON ONLY public.disclosure USING btree (referral_id, at DESC) WHERE ((person_id IS NULL) AND (referral_id IS NOT NULL))

table dispute
  id text not null
  number text not null
  version integer not null default 1
  title_cipher bytea not null
  description_cipher bytea
  category text not null
  channels text[] not null
  place_id text
  address_cipher bytea
  urgency text not null default 'ROUTINE'::text
  stage text not null default 'OPEN'::text
  petition_purpose text
  accused_ids text[] not null default '{}'::text[]
  is_collective boolean not null default false
  missing_documents text[] not null default '{}'::text[]
  opened_at timestamp with time zone not null
  resolved_at timestamp with time zone
  survivor_id text
  missing_documents_cipher bytea
  constraint dispute_pkey PRIMARY KEY (id)
  constraint dispute_number_key UNIQUE (number)
  constraint dispute_place_id_fkey FOREIGN KEY (place_id) REFERENCES organisation(id)
  constraint dispute_survivor_id_fkey FOREIGN KEY (survivor_id) REFERENCES dispute(id)
  CREATE INDEX dispute_by_survivor ON public.dispute USING btree (survivor_id) WHERE (survivor_id IS NOT NULL)
  CREATE INDEX dispute_of_violence ON public.dispute USING btree (id) WHERE (category = 'DOMESTIC_VIOLENCE'::text)

table dispute_link_progress
  joined_through bigint not null
  version text not null

table dispute_link_proposal
  id text not null
  status text not null default 'OPEN'::text
  record_id text not null
  beside_id text not null
  origin text not null
  score real not null
  reasons text[] not null
  version text not null
  proposed_at timestamp with time zone not null
  decided_by jsonb
  decided_at timestamp with time zone
  reason_owner text
  reason_cipher bytea
  constraint dispute_link_proposal_pkey PRIMARY KEY (id)
  constraint dispute_link_proposal_record_id_beside_id_key UNIQUE (record_id, beside_id)
  constraint dispute_link_proposal_beside_id_fkey FOREIGN KEY (beside_id) REFERENCES record(id)
  constraint dispute_link_proposal_record_id_fkey FOREIGN KEY (record_id) REFERENCES record(id)
  constraint dispute_link_proposal_decided CHECK ((status = 'OPEN'::text) = (decided_at IS NULL))
  constraint dispute_link_proposal_origin CHECK (origin = ANY (ARRAY['COMPARED'::text, 'INTAKE'::text]))
  constraint dispute_link_proposal_reason CHECK ((reason_cipher IS NULL) = (reason_owner IS NULL))
  constraint dispute_link_proposal_status CHECK (status = ANY (ARRAY['OPEN'::text, 'ACCEPTED'::text, 'REJECTED'::text]))
  CREATE INDEX dispute_link_proposal_by_beside ON public.dispute_link_proposal USING btree (beside_id)
  CREATE INDEX dispute_link_proposal_by_reason ON public.dispute_link_proposal USING btree (reason_owner) WHERE (reason_owner IS NOT NULL)
  CREATE INDEX dispute_link_proposal_by_time ON public.dispute_link_proposal USING btree (status, proposed_at, id)

table dispute_link_waiting
  record_id text not null
  around text not null default ''::text
  constraint dispute_link_waiting_pkey PRIMARY KEY (record_id)
  CREATE INDEX dispute_link_waiting_in_turn ON public.dispute_link_waiting USING btree (around, record_id)

table dispute_record
  dispute_id text not null
  record_id text not null
  rule text not null
  reason text
  linked_by text not null
  linked_at timestamp with time zone not null
  unlinked_at timestamp with time zone
  unlinked_by text
  unlink_reason text
  reason_cipher bytea
  reason_owner text
  unlink_reason_cipher bytea
  constraint dispute_record_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES dispute(id)
  constraint dispute_record_record_id_fkey FOREIGN KEY (record_id) REFERENCES record(id)
  constraint dispute_record_reason_check CHECK ((reason_cipher IS NULL) = (reason_owner IS NULL))
  CREATE INDEX dispute_record_by_dispute ON public.dispute_record USING btree (dispute_id)
  CREATE INDEX dispute_record_by_record ON public.dispute_record USING btree (record_id)
  CREATE UNIQUE INDEX dispute_record_live ON public.dispute_record USING btree (record_id) WHERE (unlinked_at IS NULL)

table drop_delivery
  source text not null
  day date not null
  send_number integer not null
  status text not null
  manifest jsonb
  progress jsonb
  made_at timestamp with time zone
  noticed_at timestamp with time zone not null
  imported_at timestamp with time zone
  reported_at timestamp with time zone
  constraint drop_delivery_pkey PRIMARY KEY (source, day, send_number)

table drop_fault
  source text not null
  place text not null
  field text not null
  reason text not null
  changed_seq bigint not null
  constraint drop_fault_pkey PRIMARY KEY (source, place, field)
  CREATE INDEX drop_fault_by_change ON public.drop_fault USING btree (source, changed_seq)

table drop_row
  source text not null
  key_hash bytea not null
  key_cipher bytea not null
  cipher bytea
  digest bytea
  day date not null
  send_number integer not null
  before_cipher bytea
  before_digest bytea
  before_day date
  before_send_number integer
  changed_seq bigint not null
  constraint drop_row_pkey PRIMARY KEY (source, key_hash)
  CREATE UNIQUE INDEX drop_row_by_change ON public.drop_row USING btree (source, changed_seq)
  CREATE INDEX drop_row_by_delivery ON public.drop_row USING btree (source, day, send_number)

table idempotency
  organisation_id text not null
  subject text not null
  key_hash bytea not null
  operation text not null
  input_hash bytea not null
  result jsonb
  created_at timestamp with time zone not null
  constraint idempotency_pkey PRIMARY KEY (organisation_id, subject, key_hash)
  constraint idempotency_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id)
  CREATE INDEX idempotency_by_age ON public.idempotency USING btree (created_at)

table identity_review
  id text not null
  status text not null default 'OPEN'::text
  a_mention_id text not null
  b_mention_id text not null
  evidence jsonb not null
  proposed_at timestamp with time zone not null
  score real
  version text
  decided_by jsonb
  decided_at timestamp with time zone
  reason_cipher bytea
  split_id text
  accepted_before jsonb
  question_id text
  constraint identity_review_pkey PRIMARY KEY (id)
  constraint identity_review_a_mention_id_b_mention_id_key UNIQUE (a_mention_id, b_mention_id)
  constraint identity_review_a_mention_id_fkey FOREIGN KEY (a_mention_id) REFERENCES mention(id)
  constraint identity_review_b_mention_id_fkey FOREIGN KEY (b_mention_id) REFERENCES mention(id)
  constraint identity_review_decided CHECK ((status = 'OPEN'::text) = (decided_at IS NULL))
  constraint identity_review_status CHECK (status = ANY (ARRAY['OPEN'::text, 'ACCEPTED'::text, 'REJECTED'::text]))
  CREATE INDEX identity_review_by_b ON public.identity_review USING btree (b_mention_id)
  CREATE INDEX identity_review_by_question ON public.identity_review USING btree (status, COALESCE(question_id, id), score DESC) WHERE ((split_id IS NULL) OR (question_id IS NOT NULL))
  CREATE INDEX identity_review_by_split ON public.identity_review USING btree (split_id) WHERE (split_id IS NOT NULL)

table inbound_secret
  id bigint not null generated always as identity
  organisation_id text not null
  secret_cipher bytea not null
  created_at timestamp with time zone not null
  not_after timestamp with time zone
  constraint inbound_secret_pkey PRIMARY KEY (id)
  constraint inbound_secret_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id)
  CREATE INDEX inbound_secret_by_organisation ON public.inbound_secret USING btree (organisation_id, id)

table inbox
  position bigint not null generated always as identity
  id text not null
  organisation_id text not null
  message_id text not null
  body_digest bytea not null
  type text not null
  lane text
  accusation boolean not null
  body_cipher bytea
  received_at timestamp with time zone not null
  status text not null default 'ACCEPTED'::text
  reason text
  applied_at timestamp with time zone
  attempts integer not null default 0
  next_attempt_at timestamp with time zone not null
  leased_until timestamp with time zone
  leased_by text
  constraint inbox_pkey PRIMARY KEY ("position")
  constraint inbox_id_key UNIQUE (id)
  constraint inbox_organisation_id_message_id_key UNIQUE (organisation_id, message_id)
  constraint inbox_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id)
  constraint inbox_status_check CHECK (status = ANY (ARRAY['ACCEPTED'::text, 'APPLIED'::text, 'REJECTED'::text]))
  CREATE INDEX inbox_by_organisation ON public.inbox USING btree (organisation_id, received_at, id)
  CREATE INDEX inbox_by_referral ON public.inbox USING btree (lane, received_at) WHERE (lane IS NOT NULL)
  CREATE INDEX inbox_by_time ON public.inbox USING btree (received_at, id)
  CREATE INDEX inbox_due ON public.inbox USING btree (next_attempt_at) WHERE (status = 'ACCEPTED'::text)
  CREATE INDEX inbox_lane ON public.inbox USING btree (organisation_id, lane, "position") WHERE (status = 'ACCEPTED'::text)

table joining
  id bigint not null generated always as identity
  at timestamp with time zone not null
  mention_id text not null
  from_person_id text
  to_person_id text not null
  rule text not null
  evidence jsonb not null
  decided_by text not null
  entry text
  constraint joining_pkey PRIMARY KEY (id)
  constraint joining_from_person_id_fkey FOREIGN KEY (from_person_id) REFERENCES person(id)
  constraint joining_mention_id_fkey FOREIGN KEY (mention_id) REFERENCES mention(id)
  constraint joining_to_person_id_fkey FOREIGN KEY (to_person_id) REFERENCES person(id)
  CREATE INDEX joining_by_mention ON public.joining USING btree (mention_id)

table match_waiting
  person_id text not null
  told boolean not null default false
  around bigint not null default 0
  constraint match_waiting_pkey PRIMARY KEY (person_id)
  CREATE INDEX match_waiting_in_turn ON public.match_waiting USING btree (told, around, person_id)

table match_weights
  number integer not null
  version text not null
  weights jsonb not null
  learned_at timestamp with time zone not null
  constraint match_weights_pkey PRIMARY KEY (number)
  constraint match_weights_version_key UNIQUE (version)

table mention with (fillfactor=80)
  id text not null
  record_id text not null
  ref text not null
  role text not null
  person_id text
  organisation_id text
  sex text not null
  cipher bytea not null
  name_hash bytea not null
  name_tokens bytea[] not null
  citizen_id_hash bytea
  birth_hash bytea
  phone_hash bytea
  birth_year smallint
  matched_by text not null
  score real
  created_at timestamp with time zone not null
  joined_at timestamp with time zone not null
  gone_at timestamp with time zone
  name_day bigint
  born_first bigint
  born_last bigint
  name_phone bigint
  matched_with text
  constraint mention_pkey PRIMARY KEY (id)
  constraint mention_record_id_ref_key UNIQUE (record_id, ref)
  constraint mention_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id)
  constraint mention_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id)
  constraint mention_record_id_fkey FOREIGN KEY (record_id) REFERENCES record(id)
  constraint mention_check CHECK ((person_id IS NULL) <> (organisation_id IS NULL))
  CREATE INDEX mention_by_born_first ON public.mention USING btree (born_first) WHERE (born_first IS NOT NULL)
  CREATE INDEX mention_by_born_last ON public.mention USING btree (born_last) WHERE (born_last IS NOT NULL)
  CREATE INDEX mention_by_citizen_id ON public.mention USING btree (citizen_id_hash) WHERE (citizen_id_hash IS NOT NULL)
  CREATE INDEX mention_by_name ON public.mention USING gin (name_tokens)
  CREATE INDEX mention_by_name_day ON public.mention USING btree (name_day) WHERE (name_day IS NOT NULL)
  CREATE INDEX mention_by_name_phone ON public.mention USING btree (name_phone) WHERE (name_phone IS NOT NULL)
  CREATE INDEX mention_by_person ON public.mention USING btree (person_id) WHERE (gone_at IS NULL)
  CREATE INDEX mention_by_phone ON public.mention USING btree (phone_hash) WHERE (phone_hash IS NOT NULL)
  CREATE INDEX mention_gone_by_person ON public.mention USING btree (person_id) WHERE (gone_at IS NOT NULL)

table migration
  number integer not null
  name text not null
  sha256 text not null
  applied_at timestamp with time zone not null default now()
  constraint migration_pkey PRIMARY KEY (number)

table organisation
  id text not null
  code text not null
  name text not null
  level text not null
  kind text not null
  parent_id text
  path text not null
  sources text[] not null default '{}'::text[]
  closed_at timestamp with time zone
  constraint organisation_pkey PRIMARY KEY (id)
  constraint organisation_code_key UNIQUE (code)
  constraint organisation_path_key UNIQUE (path)
  constraint organisation_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES organisation(id)
  CREATE INDEX organisation_by_parent ON public.organisation USING btree (parent_id)
  CREATE INDEX organisation_by_path ON public.organisation USING btree (path text_pattern_ops)

table outbox
  position bigint not null generated always as identity
  id text not null
  lane text not null
  type text not null
  at timestamp with time zone not null
  referral_id text
  audience text[] not null
  dispute_id text
  body jsonb not null
  dispatched_at timestamp with time zone
  constraint outbox_pkey PRIMARY KEY ("position")
  constraint outbox_id_key UNIQUE (id)
  constraint outbox_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES referral(id)
  CREATE INDEX outbox_done ON public.outbox USING btree (dispatched_at) WHERE (dispatched_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON public.outbox USING btree (lane, "position") WHERE (dispatched_at IS NULL)

table person
  id text not null
  created_at timestamp with time zone not null
  survivor_id text
  constraint person_pkey PRIMARY KEY (id)
  constraint person_survivor_id_fkey FOREIGN KEY (survivor_id) REFERENCES person(id)
  CREATE INDEX person_by_survivor ON public.person USING btree (survivor_id) WHERE (survivor_id IS NOT NULL)

table petition_scan
  key text collate "C" not null
  row_hash bytea
  page text
  constraint petition_scan_pkey PRIMARY KEY (key)
  CREATE INDEX petition_scan_in_doubt ON public.petition_scan USING btree (page) WHERE (page IS NOT NULL)

table quarantined
  source text not null
  place text not null
  field text not null
  reason text not null
  first_seen_at timestamp with time zone not null
  last_seen_at timestamp with time zone not null
  constraint quarantined_pkey PRIMARY KEY (source, place, field)

unlogged table read_cache
  source text not null
  key_hash bytea not null
  cipher bytea not null
  stored_at timestamp with time zone not null
  constraint read_cache_pkey PRIMARY KEY (source, key_hash)
  CREATE INDEX read_cache_by_age ON public.read_cache USING btree (stored_at)

table record
  id text not null
  source text not null
  key_hash bytea not null
  key_cipher bytea not null
  number_hash bytea not null
  kind text not null
  category text
  occurred_at timestamp with time zone not null
  office_id text
  place_id text
  sealed boolean not null
  classified boolean not null
  protected boolean not null
  accused_ids text[] not null default '{}'::text[]
  channel text not null
  petition_purpose text
  collective boolean not null default false
  digest bytea not null
  first_seen_at timestamp with time zone not null
  changed_at timestamp with time zone not null
  gone_at timestamp with time zone
  constraint record_pkey PRIMARY KEY (id)
  constraint record_source_key_hash_key UNIQUE (source, key_hash)
  constraint record_office_id_fkey FOREIGN KEY (office_id) REFERENCES organisation(id)
  constraint record_place_id_fkey FOREIGN KEY (place_id) REFERENCES organisation(id)
  CREATE INDEX record_accusing ON public.record USING gin (accused_ids) WHERE (accused_ids <> '{}'::text[])
  CREATE INDEX record_by_number ON public.record USING btree (source, number_hash)
  CREATE INDEX record_by_office ON public.record USING btree (office_id, occurred_at DESC)
  CREATE INDEX record_counted ON public.record USING btree (occurred_at) INCLUDE (source, category, channel, place_id, office_id) WHERE ((category IS NOT NULL) AND (gone_at IS NULL) AND (NOT sealed) AND (NOT classified) AND (NOT protected) AND (accused_ids = '{}'::text[]) AND (petition_purpose IS DISTINCT FROM 'ACCUSATION'::text))
  CREATE INDEX record_protected ON public.record USING btree (id) WHERE (protected AND (gone_at IS NULL))

table record_reference
  record_id text not null
  source text not null
  number_hash bytea not null
  constraint record_reference_pkey PRIMARY KEY (record_id, source, number_hash)
  constraint record_reference_record_id_fkey FOREIGN KEY (record_id) REFERENCES record(id)
  CREATE INDEX record_reference_by_target ON public.record_reference USING btree (source, number_hash)

table referral
  id text not null
  number text not null
  dispute_id text not null
  root_id text not null
  parent_id text
  kind text not null
  status text not null
  version integer not null
  from_id text not null
  lead_id text not null
  responsible_id text
  urgency text not null
  playbook_id text not null
  playbook_version text not null
  legal_basis text not null
  summary_cipher bytea not null
  state jsonb not null
  light text not null
  due_at timestamp with time zone
  tick_at timestamp with time zone
  opened_at timestamp with time zone not null
  closed_at timestamp with time zone
  last_leaf bytea
  constraint referral_pkey PRIMARY KEY (id)
  constraint referral_number_key UNIQUE (number)
  constraint referral_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES dispute(id)
  constraint referral_from_id_fkey FOREIGN KEY (from_id) REFERENCES organisation(id)
  constraint referral_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES organisation(id)
  constraint referral_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES referral(id)
  constraint referral_responsible_id_fkey FOREIGN KEY (responsible_id) REFERENCES organisation(id)
  constraint referral_root_id_fkey FOREIGN KEY (root_id) REFERENCES referral(id)
  constraint referral_check CHECK ((responsible_id IS NULL) = (status = ANY (ARRAY['CLOSED'::text, 'WITHDRAWN'::text])))
  constraint referral_check1 CHECK ((closed_at IS NULL) = (responsible_id IS NOT NULL))
  CREATE INDEX referral_by_dispute ON public.referral USING btree (dispute_id)
  CREATE INDEX referral_by_parent ON public.referral USING btree (parent_id) WHERE (parent_id IS NOT NULL)
  CREATE INDEX referral_by_root ON public.referral USING btree (root_id, opened_at)
  CREATE INDEX referral_by_tick ON public.referral USING btree (tick_at) WHERE (tick_at IS NOT NULL)

table referral_event
  id text not null
  referral_id text not null
  sequence integer not null
  type text not null
  at timestamp with time zone not null
  version integer not null
  step text not null
  actor_subject text
  actor_role text not null
  actor_name text
  actor_organisation_id text
  responsible_id text
  body jsonb not null
  words_cipher bytea
  constraint referral_event_pkey PRIMARY KEY (id)
  constraint referral_event_referral_id_sequence_key UNIQUE (referral_id, sequence)
  constraint referral_event_actor_organisation_id_fkey FOREIGN KEY (actor_organisation_id) REFERENCES organisation(id)
  constraint referral_event_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES referral(id)
  constraint referral_event_responsible_id_fkey FOREIGN KEY (responsible_id) REFERENCES organisation(id)
  CREATE INDEX referral_event_by_time ON public.referral_event USING btree (at, id) WHERE (type = ANY (ARRAY['VISITED'::text, 'RATED'::text, 'CLOCK_PAUSED'::text, 'CLOCK_RESUMED'::text, 'EXTENSION_DECIDED'::text, 'CLOSED'::text]))

table referral_party
  referral_id text not null
  organisation_id text not null
  role text not null
  constraint referral_party_pkey PRIMARY KEY (referral_id, organisation_id, role)
  constraint referral_party_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id)
  constraint referral_party_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES referral(id)
  CREATE INDEX referral_party_by_organisation ON public.referral_party USING btree (organisation_id, referral_id)

table referral_sight
  organisation_id text not null
  referral_id text not null
  opened_at timestamp with time zone not null
  due_at timestamp with time zone not null
  constraint referral_sight_pkey PRIMARY KEY (organisation_id, referral_id)
  CREATE INDEX referral_sight_by_due ON public.referral_sight USING btree (organisation_id, due_at, referral_id)
  CREATE INDEX referral_sight_by_referral ON public.referral_sight USING btree (referral_id)
  CREATE INDEX referral_sight_by_time ON public.referral_sight USING btree (organisation_id, opened_at, referral_id)

table source_feed
  source text not null
  cursor_cipher bytea
  due_at timestamp with time zone not null
  leased_until timestamp with time zone
  leased_by text
  attempts integer not null default 0
  last_success_at timestamp with time zone
  last_error text
  loaded_at timestamp with time zone
  total bigint
  done bigint not null default 0
  constraint source_feed_pkey PRIMARY KEY (source)

unlogged table source_health
  source text not null
  instance text not null
  reported_at timestamp with time zone not null
  health jsonb not null
  constraint source_health_pkey PRIMARY KEY (source, instance)

table visible
  organisation_id text not null
  dispute_id text not null
  opened_at timestamp with time zone not null
  constraint visible_pkey PRIMARY KEY (organisation_id, dispute_id)
  CREATE INDEX visible_by_dispute ON public.visible USING btree (dispute_id)
  CREATE INDEX visible_by_time ON public.visible USING btree (organisation_id, opened_at, dispute_id)

table webhook_endpoint
  id text not null
  organisation_id text not null
  url_cipher bytea not null
  types text[] not null
  signing text not null
  enabled boolean not null default true
  disabled_reason text
  created_at timestamp with time zone not null
  failures integer not null default 0
  failing_since timestamp with time zone
  next_probe_at timestamp with time zone
  probing_until timestamp with time zone
  rate_per_second integer not null
  free_at timestamp with time zone not null
  constraint webhook_endpoint_pkey PRIMARY KEY (id)
  constraint webhook_endpoint_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id)
  CREATE INDEX webhook_endpoint_by_organisation ON public.webhook_endpoint USING btree (organisation_id)

table webhook_lane
  endpoint_id text not null
  lane text not null
  last_sequence integer not null
  constraint webhook_lane_pkey PRIMARY KEY (endpoint_id, lane)
  constraint webhook_lane_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint(id)

table webhook_secret
  id bigint not null generated always as identity
  endpoint_id text not null
  cipher bytea not null
  created_at timestamp with time zone not null
  not_after timestamp with time zone
  constraint webhook_secret_pkey PRIMARY KEY (id)
  constraint webhook_secret_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint(id)
  CREATE INDEX webhook_secret_by_endpoint ON public.webhook_secret USING btree (endpoint_id)
