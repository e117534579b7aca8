-- Taking records out of a person is many decisions made at once: each that leaves is none of those that stay. `split_id` is the id of
-- the one of them that stands for all: it alone is shown, and to take it back takes all of them back.
alter table identity_review add column split_id text;
create index identity_review_by_split on identity_review (split_id) where split_id is not null;
-- The list that reviewers work off, oldest question first.
create index identity_review_by_status on identity_review (status, id) where split_id is null or split_id = id;
