-- One row for each territory and each indicator that applies at its level, with its last value or none, in today's
-- perimeter where that differs from the perimeter of the value's time. Indicators kept in a register apart have none.
create view territory_values as
select
    b.ref_area, b.indicator, i.domain, g.title as domain_title, i.title, i.short_title, i.status, i.direction,
    i.weight, i.position, i.goalpost_low, i.goalpost_high, i.max_age, u.symbol, u.decimals,
    o.time_period, o.obs_value, o.coverage, a.obs_status, a.title as obs_status_title,
    exists (
        select 1 from observations_constant k
        where k.indicator = b.indicator and k.ref_area = b.ref_area and k.time_period = b.period
    ) as recalculated,
    d.name as dataset, d.title as dataset_title, d.share_alike,
    iif(x.observed >= 5, x.median, null) as median, x.observed as peers_observed,
    b.score, b.rank, b.peer_count, b.maturity, b.reason, b.counts,
    b.counts and b.score is null and b.period is not null
        and cast(substr(b.edition_period, 1, 4) as integer) - cast(substr(b.period, 1, 4) as integer) > i.max_age
    as too_old
from (
    select
        t.ref_area, t.category, c.ranked, n.code as indicator,
        s.score, s.rank, s.peer_count, s.level as maturity, s.reason, s.node is not null as counts,
        s.time_period as edition_period,
        coalesce(
            s.observed_period,
            (select max(z.time_period) from current_values z
                where z.indicator = n.code and z.ref_area = t.ref_area and z.obs_value is not null)
        ) as period
    from territories t
    join indicators n on n.status <> 'planned' and instr(n.levels, '"' || t.level || '"') > 0
        and n.code not in (select indicator from indicator_registers)
    left join categories c on c.category = t.category
    left join scores s
        on s.edition = (select max(edition) from method) and s.node = n.code and s.ref_area = t.ref_area
) b
join indicators i on i.code = b.indicator
join domains g on g.code = i.domain
left join units u on u.unit = i.unit
left join current_values o on o.indicator = b.indicator and o.ref_area = b.ref_area and o.time_period = b.period
left join obs_status a on a.obs_status = o.obs_status
left join datasets d on d.name = o.dataset
left join value_distributions x
    on b.ranked = 1 and x.indicator = b.indicator and x.category = b.category and x.time_period = b.period;
