-- EPCI and départements are not nested: they meet through the communes that belong to both.
create view territory_overlaps as
select a.parent as ref_area, b.parent as other, t.name, t.level, t.kind, t.population, count(*) as communes
from memberships a
join memberships b on b.member = a.member and b.valid_to is null
join territories t on t.ref_area = b.parent
where a.valid_to is null and a.parent_level <> b.parent_level
group by a.parent, b.parent;
