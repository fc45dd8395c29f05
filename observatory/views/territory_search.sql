-- "query" is the hidden column by which FTS5 takes its expression.
create view territory_search as
select
    f.territories_fts as query, t.ref_area, t.code, t.name, t.level, t.kind, c.title as category_title,
    t.population, coalesce(t.valid_to, '') = '' as current, length(t.name) as name_length,
    (select p.name from memberships m join territories p on p.ref_area = m.parent
        where m.member = t.ref_area and m.parent_level = 'DEP' order by m.valid_from desc limit 1
    ) as departement
from territories_fts f
join territories t on t.ref_area = f.ref_area
left join categories c on c.category = t.category;
