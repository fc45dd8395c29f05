create view territory_history as
select e.from_area as ref_area, 'to' as way, e.date, e.type, y.title, e.weight, t.ref_area as other, t.name as other_name,
    t.valid_to is null as other_current
from territory_events e
join event_types y on y.type = e.type
join territories t on t.ref_area = e.to_area
union all
select e.to_area, 'from', e.date, e.type, y.title, e.weight, t.ref_area, t.name, t.valid_to is null
from territory_events e
join event_types y on y.type = e.type
join territories t on t.ref_area = e.from_area
where e.from_area <> e.to_area;
