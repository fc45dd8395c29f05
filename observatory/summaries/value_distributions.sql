-- In today's perimeters. The median of 35,000 communes is too slow to find at each request.
with ordered as (
    select
        o.indicator, o.time_period, t.category, o.obs_value,
        row_number() over w as position,
        count(*) over (partition by o.indicator, o.time_period, t.category) as observed
    from current_values o
    join territories t on t.ref_area = o.ref_area
    where o.obs_value is not null and t.valid_to is null
    window w as (partition by o.indicator, o.time_period, t.category order by o.obs_value)
)
select
    indicator, time_period, category, observed,
    (select count(*) from territories t where t.category = ordered.category and t.valid_to is null) as total,
    min(obs_value) as minimum,
    max(case when position = (observed + 3) / 4 then obs_value end) as quartile_1,
    avg(case when position in ((observed + 1) / 2, (observed + 2) / 2) then obs_value end) as median,
    max(case when position = (3 * observed + 3) / 4 then obs_value end) as quartile_3,
    max(obs_value) as maximum
from ordered
group by indicator, time_period, category
order by indicator, time_period, category
