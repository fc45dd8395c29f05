create view territory_card as
select
    t.ref_area, t.code, t.siren, t.name, t.level, t.kind, c.title as category_title, t.population,
    t.valid_to is null as current, length(t.name) as name_length,
    (select p.name from memberships m join territories p on p.ref_area = m.parent
        where m.member = t.ref_area and m.parent_level = 'DEP' order by m.valid_from desc limit 1
    ) as departement
from territories t
left join categories c on c.category = t.category;
