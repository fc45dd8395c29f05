-- One row for each territory and each indicator that applies at its level, with its last value or none, in today's
-- perimeter where that differs from the perimeter of the value's time. Indicators kept in a register apart have none.
-- A median is that of the value's own period: with less than half of the category in it, it would not be its median.
create view territory_values as
select
    b.ref_area, b.indicator, i.domain, g.title as domain_title, i.title, i.short_title, i.status, i.direction,
    i.weight, i.position, i.goalpost_low, i.goalpost_high, i.max_age, u.symbol, u.decimals,
    iif(k.indicator is null, o.time_period, k.time_period) as time_period,
    iif(k.indicator is null, o.obs_value, k.obs_value) as obs_value,
    iif(k.indicator is null, o.coverage, k.coverage) as coverage,
    a.obs_status, a.title as obs_status_title, k.indicator is not null as recalculated,
    iif(k.indicator is null, o.status, k.status) as figure_status, w.title as figure_status_title,
    iif(k.indicator is null, o.status_date, k.status_date) as status_date, f.reason as status_reason,
    d.name as dataset, d.title as dataset_title, d.share_alike,
    iif(x.observed >= 5 and 2 * x.observed >= x.total, x.median, null) as median, x.observed as peers_observed,
    b.score, b.rank, b.peer_count, b.maturity, b.reason, b.counts,
    b.counts and b.score is null and b.period is not null
        and cast(substr(b.edition_period, 1, 4) as integer) - cast(substr(b.period, 1, 4) as integer) > i.max_age
    as too_old
from (
    select
        t.ref_area, t.category, t.valid_to, c.ranked, n.code as indicator,
        s.score, s.rank, s.peer_count, s.level as maturity, s.reason, s.node is not null as counts,
        s.time_period as edition_period,
        coalesce(
            s.observed_period,
            nullif(max(
                ifnull((select max(z.time_period) from observations z
                    where z.indicator = n.code and z.ref_area = t.ref_area and z.obs_value is not null), ''),
                ifnull((select max(z.time_period) from observations_constant z
                    where z.indicator = n.code and z.ref_area = t.ref_area and z.obs_value is not null), '')
            ), '')
        ) as period
    from territories t
    join indicators n on n.status <> 'planned' and instr(n.levels, '"' || t.level || '"') > 0
        and n.code not in (select indicator from indicator_registers)
    left join categories c on c.category = t.category
    left join scores s
        on s.edition = (select edition from method where current) and s.node = n.code and s.ref_area = t.ref_area
) b
join indicators i on i.code = b.indicator
join domains g on g.code = i.domain
left join units u on u.unit = i.unit
left join observations o on o.indicator = b.indicator and o.ref_area = b.ref_area and o.time_period = b.period
left join observations_constant k
    on b.valid_to is null
    and k.indicator = b.indicator and k.ref_area = b.ref_area and k.time_period = b.period
left join obs_status a on a.obs_status = iif(k.indicator is null, o.obs_status, k.obs_status)
left join statuses w on w.status = iif(k.indicator is null, o.status, k.status)
left join last_figure_status f
    on f.ref_area = b.ref_area and f.indicator = b.indicator and f.time_period = b.period
left join datasets d on d.name = iif(k.indicator is null, o.dataset, k.dataset)
left join value_distributions x
    on b.ranked = 1 and x.indicator = b.indicator and x.category = b.category and x.time_period = b.period;
