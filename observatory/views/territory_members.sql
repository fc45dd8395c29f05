create view territory_members as
select m.parent, t.ref_area, t.level, t.name, t.kind, t.population
from memberships m
join territories t on t.ref_area = m.member
where m.valid_to is null;
