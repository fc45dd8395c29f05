create view category as
select
    c.*, l.title as level_title,
    (select count(*) from territories t where t.category = c.category and t.valid_to is null) as territories,
    (select x.ranked from score_distributions x
        where x.edition = (select edition from method where current) and x.node = 'index' and x.peer_group = c.category
    ) as territories_ranked
from categories c
left join levels l on l.level = c.level;
