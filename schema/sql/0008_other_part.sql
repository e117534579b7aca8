-- Holds the place of another branch's migration; the founder replaces it when the branches come together.
select 1;
