create view indicator_search as
select f.indicators_fts as query, i.*
from indicators_fts f
join indicator i on i.code = f.code;
