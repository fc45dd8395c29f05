-- Where a territory stands among those that are most like it (see `peers`): rank and median among it and the peers
-- that have a score for the node. `rank` and `peer_count`, beside it, are those of its category, without `peers`.
create view peer_standings as
with compared as (
    select
        s.edition, s.ref_area, s.node, s.score, s.rank, s.peer_count, o.score as other,
        row_number() over w as position, count(*) over (partition by s.edition, s.ref_area, s.node) as others
    from scores s
    join peers p on p.ref_area = s.ref_area
    join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
    where s.score is not null and o.score is not null
    window w as (partition by s.edition, s.ref_area, s.node order by o.score)
)
select
    ref_area, node, edition, score, rank, peer_count,
    1 + sum(other > score) as rank_among_peers, others + 1 as compared,
    avg(case when position in ((others + 1) / 2, (others + 2) / 2) then other end) as peers_median
from compared
where edition = (select max(edition) from method)
group by edition, ref_area, node;
