-- Taking records out of a person is many decisions made at once: each that leaves is none of those that stay. `split_id` is the id of
-- the one of them that stands for all: it alone is shown, and to take it back takes all of them back.
alter table identity_review add column split_id text;
create index identity_review_by_split on identity_review (split_id) where split_id is not null;
-- An open question between two persons may be put by several pairs of their mentions: each reviewer sees the best of those that they
-- may see. Those that put the same question have the same `question_id`; null once it is decided.
alter table identity_review add column question_id text;
update identity_review set question_id = id where status = 'OPEN';
-- The list that reviewers work off, oldest question first.
create index identity_review_by_question on identity_review (status, coalesce(question_id, id), score desc)
where split_id is null or split_id = id;
