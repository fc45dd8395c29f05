-- One row for each indicator, period and level, in the perimeters of the time.
select
    o.indicator, o.time_period, t.level, count(*) as observed,
    sum(t.valid_to is null) as observed_current,
    (select count(*) from territories x where x.level = t.level and x.valid_to is null) as current_total
from observations o
join territories t on t.ref_area = o.ref_area
where o.obs_value is not null
group by o.indicator, o.time_period, t.level
order by o.indicator, o.time_period, t.level
