-- One row for each territory and each indicator that applies at its level, with its last value or none.
create view territory_values as
select
    t.ref_area, i.code as indicator, i.domain, i.title, i.short_title, i.status, i.direction, i.weight, i.position,
    i.goalpost_low, i.goalpost_high, g.title as domain_title,
    u.symbol, u.decimals, o.time_period, o.obs_value, o.obs_status, a.title as obs_status_title,
    o.coverage, o.dataset, d.title as dataset_title, d.share_alike,
    x.median, x.observed as peers_observed, s.score, s.rank, s.peer_count, s.level as maturity
from territories t
join indicators i on i.status <> 'planned' and instr(i.levels, '"' || t.level || '"') > 0
join domains g on g.code = i.domain
left join units u on u.unit = i.unit
left join scores s
    on s.edition = (select max(edition) from method) and s.node = i.code and s.ref_area = t.ref_area
left join observations o
    on o.indicator = i.code and o.ref_area = t.ref_area and o.time_period = coalesce(
        s.observed_period,
        (select max(z.time_period) from observations z where z.indicator = i.code and z.ref_area = t.ref_area)
    )
left join obs_status a on a.obs_status = o.obs_status
left join datasets d on d.name = o.dataset
left join value_distributions x
    on x.indicator = i.code and x.category = t.category and x.time_period = o.time_period;
