create view ranking_size as
select node, peer_group, count(*) as total, count(rank) as ranked
from scores
where edition = (select edition from method where current)
group by node, peer_group;
