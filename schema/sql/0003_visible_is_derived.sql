-- Rows of visible are worked out from disputes and organisations in the transaction of whatever changes those; neither is
-- ever deleted. Checking two keys for each of them was a quarter of storing them.
alter table visible drop constraint visible_organisation_id_fkey, drop constraint visible_dispute_id_fkey;
