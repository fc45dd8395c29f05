-- "query" is the hidden column by which FTS5 takes its expression.
create view territory_search as
select f.territories_fts as query, t.*
from territories_fts f
join territory_card t on t.ref_area = f.ref_area;
