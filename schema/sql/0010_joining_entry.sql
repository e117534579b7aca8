-- Of a joining or parting: the subject of the audit entry that holds the digest of it and of all that came about with it. Null:
-- from before there was a log.
alter table joining add column entry text;
