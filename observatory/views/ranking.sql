-- rank_p05 to rank_p95: the rank in nine variants of the method out of ten. would_rank: for who is not ranked, the one
-- figure whose publication would be enough. figure_status: contested where a figure behind the score is, without an answer.
create view ranking as
select
    s.node, s.peer_group, s.rank is not null as ranked, s.ref_area, t.name, t.kind, t.population,
    s.score, s.score_low, s.score_high, s.coverage, s.level as maturity, m.name as maturity_name,
    (select d.title from domains d where d.code = s.capped_by) as capped_by_title,
    s.rank, s.rank_low, s.rank_high, u.rank_p05, u.rank_p95, s.peer_count, s.reason,
    (select i.short_title from score_gaps g join indicators i on i.code = g.indicator
        where s.rank is null and g.edition = s.edition and g.ref_area = s.ref_area and g.node = s.node
            and g.would_rank = 1
        order by g.position limit 1) as would_rank,
    s.edition, s.time_period, s.domains_observed,
    (select max(f.status) from last_figure_status f join indicators i on i.code = f.indicator
        where f.ref_area = s.ref_area and f.status = 'contested' and i.status = 'active'
            and s.node in ('index', i.domain, i.code)) as figure_status
from scores s
join territories t on t.ref_area = s.ref_area
left join maturity_levels m on m.level = s.level
left join score_uncertainty u on u.edition = s.edition and u.node = s.node and u.ref_area = s.ref_area
where s.edition = (select edition from method where current);
