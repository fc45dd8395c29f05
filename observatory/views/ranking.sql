create view ranking as
select
    s.node, s.peer_group, s.rank is not null as ranked, s.ref_area, t.name, t.kind, t.population,
    s.score, s.score_low, s.score_high, s.coverage, s.level as maturity, m.name as maturity_name,
    s.rank, s.rank_low, s.rank_high, s.peer_count, s.reason, s.edition, s.time_period,
    s.domains_observed
from scores s
join territories t on t.ref_area = s.ref_area
left join maturity_levels m on m.level = s.level
where s.edition = (select max(edition) from method);
