/** The statements of files-store.ts. In all of them $1 is the source, $2 and $3 the delivery. */

export const FIND = `
with newest as (
  select day, send_number, made_at from drop_delivery where source = $1 and status = 'IMPORTED'
   order by day desc, send_number desc limit 1
), waiting as (
  select day, send_number from drop_delivery where source = $1 and status = 'WAITING' order by day desc limit 20
)
select n.day, n.send_number as "sendNumber", n.made_at as "madeAt",
       (select json_agg(json_build_object('day', w.day, 'sendNumber', w.send_number)) from waiting w) as waiting,
       r.key_hash as "keyHash", r.cipher
  from (select) one left join newest n on true
  left join drop_row r on r.source = $1 and r.key_hash = any($2::bytea[]) and r.cipher is not null`;

export const DELIVERY = `day, send_number as "sendNumber", status, manifest, progress, noticed_at as "noticedAt",
  reported_at as "reportedAt"`;

// A delta keeps what a row was before its day. The same content again is no change, but the delivery has spoken of it.
export const UPSERT = `
insert into drop_row as r (source, key_hash, key_cipher, cipher, digest, day, send_number, changed_seq)
select $1, key_hash, key_cipher, cipher, digest, $2, $3, nextval('drop_change')
  from unnest($5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[]) with ordinality
    as t (key_hash, key_cipher, cipher, digest, place) order by place
on conflict (source, key_hash) do update set
  cipher = case when r.digest is not distinct from excluded.digest then r.cipher else excluded.cipher end,
  digest = excluded.digest, day = excluded.day, send_number = excluded.send_number,
  changed_seq = case when r.digest is not distinct from excluded.digest then r.changed_seq else excluded.changed_seq end,
  before_cipher = case when $4 and r.day < excluded.day then r.cipher when $4 then r.before_cipher end,
  before_digest = case when $4 and r.day < excluded.day then r.digest when $4 then r.before_digest end,
  before_day = case when $4 and r.day < excluded.day then r.day when $4 then r.before_day end,
  before_send_number = case when $4 and r.day < excluded.day then r.send_number when $4 then r.before_send_number end
where (r.day, r.send_number) <= (excluded.day, excluded.send_number)`;

export const SPOKEN_OF = `update drop_row set day = $2, send_number = $3
where source = $1 and key_hash = any($4::bytea[]) and (day, send_number) <= ($2, $3)`;

export const REMOVE = `
with left_out as (
  select key_hash from drop_row where source = $1 and (day, send_number) < ($2, $3) and cipher is not null
   order by day, send_number limit $4
)
update drop_row r set cipher = null, digest = null, day = $2, send_number = $3, changed_seq = nextval('drop_change'),
  before_cipher = null, before_digest = null, before_day = null, before_send_number = null
from left_out l where r.source = $1 and r.key_hash = l.key_hash returning 1`;

export const TAKE_BACK = `
with left_out as (
  select key_hash from drop_row where source = $1 and day = $2 and send_number < $3 order by send_number limit $4
)
update drop_row r set cipher = before_cipher, digest = before_digest,
  day = coalesce(before_day, $2), send_number = coalesce(before_send_number, $3),
  changed_seq = case when digest is distinct from before_digest then nextval('drop_change') else changed_seq end,
  before_cipher = null, before_digest = null, before_day = null, before_send_number = null
from left_out l where r.source = $1 and r.key_hash = l.key_hash returning 1`;

export const FAULTS = `insert into drop_fault (source, place, field, reason, changed_seq)
select distinct on (place, field) $1, place, field, reason, nextval('drop_change')
  from unnest($2::text[], $3::text[], $4::text[]) as t (place, field, reason)
on conflict (source, place, field) do update set reason = excluded.reason, changed_seq = excluded.changed_seq`;
