-- Who waits to be compared is taken in the order of birth dates (eight bytes of their keyed hash): most who are compared with one
-- another share it, and are read once instead of once for each lot. 0 where none is known.
alter table match_waiting add column around bigint not null default 0;
update match_waiting w set around = m.around
from (
  select person_id, min(('x' || encode(substr(birth_hash, 1, 8), 'hex'))::bit(64)::bigint) as around
  from mention where gone_at is null and birth_hash is not null group by person_id
) m
where m.person_id = w.person_id;
create index match_waiting_in_turn on match_waiting (told, around, person_id);
