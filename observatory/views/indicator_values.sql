create view indicator_values as
select
    o.indicator, o.time_period, o.ref_area, t.level, t.name, t.category, c.title as category_title,
    o.obs_value, o.obs_status, a.title as obs_status_title, o.coverage, o.dataset
from observations o
join territories t on t.ref_area = o.ref_area
left join categories c on c.category = t.category
left join obs_status a on a.obs_status = o.obs_status
where o.obs_value is not null;
