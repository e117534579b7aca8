-- What is counted by street, matter and month (比对分析) is read from this alone: a county's two years would be all of its table otherwise.
-- Which records may be counted is said in core/access/predicate.ts.
create index record_counted on record (occurred_at) include (source, category, channel, place_id, office_id)
where category is not null and gone_at is null and not sealed and not classified and not protected
  and accused_ids = '{}' and petition_purpose is distinct from 'ACCUSATION';
-- Few, and asked for all at once: what is not counted for a dispute is one of violence at home.
create index record_protected on record (id) where protected and gone_at is null;
create index dispute_of_violence on dispute (id) where category = 'DOMESTIC_VIOLENCE';
