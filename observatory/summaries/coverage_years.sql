-- Today's territories without those of a particular kind, as everyone counts them, each by its last value of the year:
-- the one recalculated in its perimeter of today where there is one.
with every as (
    select o.indicator, o.ref_area, o.time_period, o.obs_value, o.obs_status, 1 as recalculated
    from observations_constant o
    union all
    select o.indicator, o.ref_area, o.time_period, o.obs_value, o.obs_status, 0
    from observations o
),
ordered as (
    select
        e.indicator, substr(e.time_period, 1, 4) as year, t.level, e.time_period, e.obs_value, e.obs_status, e.recalculated,
        row_number() over (
            partition by e.indicator, e.ref_area, substr(e.time_period, 1, 4)
            order by e.obs_value is null, e.time_period desc, e.recalculated desc
        ) as place
    from every e
    join territories t on t.ref_area = e.ref_area
    where t.valid_to is null and t.category not like 'collectivite-%'
)
select
    indicator, year, level,
    max(case when obs_value is not null then time_period end) as last_period,
    count(obs_value) as observed,
    sum(obs_value is not null and recalculated = 0 and obs_status <> 'E') as published,
    sum(obs_value is not null and recalculated = 0 and obs_status = 'E') as derived,
    sum(obs_value is not null and recalculated = 1) as recalculated,
    sum(obs_value is null) as said_missing,
    (select count(*) from territories x
        where x.level = ordered.level and x.valid_to is null and x.category not like 'collectivite-%'
    ) as total
from ordered
where place = 1
group by indicator, year, level
order by indicator, year, level
