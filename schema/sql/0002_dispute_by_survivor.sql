-- Merging asks which disputes resolve to the one that is merged away; a first load merges many.
create index dispute_by_survivor on dispute (survivor_id) where survivor_id is not null;
