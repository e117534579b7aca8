-- The number is somebody else's; nothing is done here.
select 1;
