-- The territories like this one (`peers`), nearest first, with each of their scores.
create view territory_peers as
select
    p.ref_area, p.position, p.distance, p.peer, t.name, s.node, s.score, s.rank, s.peer_count, s.level as maturity,
    m.name as maturity_name
from peers p
join territories t on t.ref_area = p.peer
join scores s on s.ref_area = p.peer and s.edition = (select edition from method where current)
left join maturity_levels m on m.level = s.level;
