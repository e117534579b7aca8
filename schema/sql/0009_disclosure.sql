-- Disclosures as the gateway finds them in an answer: of a person, or where it is not resolved who it is, of the record, the
-- dispute or the referral that was shown. Kept for years (个人信息保护法 56), so in partitions by month, which the program makes
-- (core/audit/disclosure-month.ts). No foreign keys: rows come from an answer made of those very tables a moment before, none
-- of whose rows is ever deleted; checking four keys for each would cost as much as storing it.
alter table disclosure rename to disclosure_before;
create sequence disclosure_id;

create table disclosure (
  id               bigint not null default nextval('disclosure_id'),
  at               timestamptz not null,
  request_id       text not null,
  subject          text not null,
  organisation_id  text not null,
  -- Null where none need be said: a referral's words to those who handle it.
  purpose          text,
  -- As written before it was sealed; new rows have reason_cipher.
  reason           text,
  reason_cipher    bytea,
  person_id        text,
  -- Through which of them the person was shown; by itself where nobody is resolved.
  record_id        text,
  dispute_id       text,
  referral_id      text,
  field_groups     text[] not null,
  -- Null: the service that resolved the person is of an older version and does not say.
  link             text,
  constraint disclosure_of_something check (coalesce(person_id, record_id, dispute_id, referral_id) is not null)
) partition by range (at);

do $$
declare
  month timestamp;
begin
  for month in select distinct date_trunc('month', at at time zone 'UTC') from disclosure_before loop
    execute format('create table %I partition of disclosure for values from (%L) to (%L)',
      'disclosure_' || to_char(month, 'YYYY_MM'), month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
  end loop;
end $$;

insert into disclosure (id, at, request_id, subject, organisation_id, purpose, reason, person_id, field_groups, link)
select id, at, request_id, subject, organisation_id, purpose, reason, person_id, field_groups, link from disclosure_before;
select setval('disclosure_id', coalesce((select max(id) from disclosure_before), 0) + 1, false);
drop table disclosure_before;

alter table disclosure add constraint disclosure_pkey primary key (at, id);
-- A person's own list, newest first; what is not resolved is found by what the person stands in.
create index disclosure_by_person on disclosure (person_id, at desc, id desc) where person_id is not null;
create index disclosure_by_record on disclosure (record_id, at desc) where person_id is null and record_id is not null;
create index disclosure_by_dispute on disclosure (dispute_id, at desc) where person_id is null and dispute_id is not null;
create index disclosure_by_referral on disclosure (referral_id, at desc) where person_id is null and referral_id is not null;
create index disclosure_by_reader on disclosure (organisation_id, subject, at);
-- What a department has taken back was once shown of somebody all the same.
create index mention_gone_by_person on mention (person_id) where gone_at is not null;
