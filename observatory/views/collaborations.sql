-- Who works with whom: each pair of territories or organisations that a same initiative, consortium or offer names.
create view collaborations as
select distinct
    h.register, h.id, h.title,
    a.target as first_kind, a.target_id as first_id, coalesce(s.name, o.title) as first_name,
    b.target as second_kind, b.target_id as second_id, coalesce(t.name, p.title) as second_name
from relations a
join relations b on b.register = a.register and b.id = a.id
    and (b.target, b.target_id) > (a.target, a.target_id) and b.target in ('territories', 'organisations')
join things h on h.register = a.register and h.id = a.id
left join territories s on a.target = 'territories' and s.ref_area = a.target_id
left join things o on a.target = o.register and o.id = a.target_id
left join territories t on b.target = 'territories' and t.ref_area = b.target_id
left join things p on b.target = p.register and p.id = b.target_id
where a.register in ('initiatives', 'consortiums', 'offres') and a.target in ('territories', 'organisations');
