create view territory_parents as
select
    m.member, m.parent, m.parent_level, m.valid_from, m.valid_to,
    m.valid_to is null as current,
    p.name, p.kind, l.title as level_title, l.position
from memberships m
join territories p on p.ref_area = m.parent
join levels l on l.level = p.level;
