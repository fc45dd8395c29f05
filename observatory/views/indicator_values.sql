create view indicator_values as
select
    o.indicator, o.time_period, o.ref_area, t.level, t.name, t.category, c.title as category_title,
    o.obs_value, o.obs_status, a.title as obs_status_title, o.coverage, o.dataset,
    o.status, s.title as status_title, o.status_date, f.reason as status_reason
from observations o
join territories t on t.ref_area = o.ref_area
left join categories c on c.category = t.category
left join obs_status a on a.obs_status = o.obs_status
left join statuses s on s.status = o.status
left join last_figure_status f
    on f.ref_area = o.ref_area and f.indicator = o.indicator and f.time_period = o.time_period
where o.obs_value is not null;
