-- Why a record was linked with a dispute or taken out of it is said in the desk's own words, about people: sealed under the dispute's
-- key from now on. `reason_owner`: the dispute whose key it is, since the link goes along when disputes are merged. What stood in
-- `reason` and `unlink_reason` before stays until its matter's words go; of rules these two still hold a code.
alter table dispute_record
  add column reason_cipher bytea,
  add column reason_owner text,
  add column unlink_reason_cipher bytea,
  add constraint dispute_record_reason_check check ((reason_cipher is null) = (reason_owner is null));

-- So are the papers that are still missing: a list as JSON, sealed. `missing_documents` holds those from before.
alter table dispute add column missing_documents_cipher bytea;

-- Accusations are few: who is named by one is found without reading the others.
create index record_accusing on record using gin (accused_ids) where accused_ids <> '{}';
