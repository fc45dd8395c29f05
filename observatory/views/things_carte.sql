-- Each thing of a register at the point of each territory that it names, which is what datasette-cluster-map draws.
create view things_carte as
select
    r.register, r.id, h.title as name, r.target_id as ref_area, t.name as territory, h.year,
    json_object('title', h.title, 'description', q.thing_title || ' · ' || t.name, 'link', '/' || r.register || '/' || r.id)
        as popup,
    t.latitude, t.longitude
from relations r
join things h on h.register = r.register and h.id = r.id
join registers q on q.register = r.register
join territories t on t.ref_area = r.target_id
where r.target = 'territories' and t.latitude is not null;
