-- How much agreements weigh (core/people/matching): the row with the highest number is in force. Learned from this county's records,
-- or as shipped.
create table match_weights (
  number integer primary key,
  version text not null unique,
  weights jsonb not null,
  learned_at timestamptz not null
);

-- By what a mention is found for comparing: eight bytes of a keyed hash each, null where the record does not say enough.
-- `matched_with`: the mention with which it was compared, or decided on, when it came to its person.
alter table mention
  add column name_day bigint,
  add column born_first bigint,
  add column born_last bigint,
  add column name_phone bigint,
  add column matched_with text;

create index mention_by_name_day on mention (name_day) where name_day is not null;
create index mention_by_born_first on mention (born_first) where born_first is not null;
create index mention_by_born_last on mention (born_last) where born_last is not null;
create index mention_by_name_phone on mention (name_phone) where name_phone is not null;
-- Persons some of whose mentions have not been compared with others by anything but the exact rule: first loads come here, everybody when
-- weights change, and here all who were read in before there was more than that rule. `told`: who holds records of them hears of it.
create table match_waiting (
  person_id text primary key,
  told boolean not null default false
);
insert into match_waiting (person_id) select distinct person_id from mention where gone_at is null and person_id is not null;

-- Open questions and what humans have answered; what is decided is evidence from then on. Reasons are the reviewer's words about
-- people: sealed under the key of the first mention.
alter table identity_review
  add column score real,
  add column version text,
  add column decided_by jsonb,
  add column decided_at timestamptz,
  add column reason_cipher bytea,
  add constraint identity_review_status check (status in ('OPEN', 'ACCEPTED', 'REJECTED')),
  add constraint identity_review_decided check ((status = 'OPEN') = (decided_at is null));
