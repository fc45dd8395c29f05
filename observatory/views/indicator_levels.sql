create view indicator_levels as
select v.*, l.title, l.title_plural, l.position
from indicator_coverage v
join levels l on l.level = v.level;
