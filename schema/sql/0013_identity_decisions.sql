-- Taking records out of a person is many decisions made at once: each that leaves is none of those that stay. `split_id` is the same for
-- all of them; to take one back takes all of them back. Then what a human had made one before is one again: `accepted_before` keeps who
-- said that, when and in which words (sealed).
alter table identity_review
  add column split_id text,
  add column accepted_before jsonb;
create index identity_review_by_split on identity_review (split_id) where split_id is not null;
-- An open question between two persons may be put by several pairs of their mentions: each reviewer sees the best of those that they
-- may see. Those that put the same question have the same `question_id`; of a split, those that stand for it. Null of what is decided
-- by itself.
alter table identity_review add column question_id text;
update identity_review set question_id = id where status = 'OPEN';
-- The list that reviewers work off, oldest question first.
create index identity_review_by_question on identity_review (status, coalesce(question_id, id), score desc)
where split_id is null or question_id is not null;
