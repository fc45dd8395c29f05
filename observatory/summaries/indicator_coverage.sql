-- One row for each indicator, period and level, in the perimeters of the time. Today's territories are counted without
-- those of a particular kind: 101 départements and 18 régions, as everyone counts them.
select
    o.indicator, o.time_period, t.level, count(*) as observed,
    sum(t.valid_to is null and t.category not like 'collectivite-%') as observed_current,
    (select count(*) from territories x
        where x.level = t.level and x.valid_to is null and x.category not like 'collectivite-%'
    ) as current_total
from observations o
join territories t on t.ref_area = o.ref_area
where o.obs_value is not null
group by o.indicator, o.time_period, t.level
order by o.indicator, o.time_period, t.level
