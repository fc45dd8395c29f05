-- Where a territory stands among those that are most like it (see `peers`): rank and median among the peers that have
-- a score for the node; a median of fewer than five says nothing. `rank` and `peer_count`, beside it, are those of its
-- category. Scalar subqueries, so that asking for one territory reads its own rows only.
create view peer_standings as
select
    s.ref_area, s.node, s.edition, s.score, s.rank, s.peer_count,
    1 + (
        select count(*) from peers p
        join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
        where p.ref_area = s.ref_area and o.score > s.score
    ) as rank_among_peers,
    (
        select count(*) from peers p
        join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
        where p.ref_area = s.ref_area and o.score is not null
    ) + 1 as compared,
    (
        select avg(score) from (
            select o.score, row_number() over (order by o.score) as position, count(*) over () as others
            from peers p
            join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
            where p.ref_area = s.ref_area and o.score is not null
        ) where others >= 5 and position in ((others + 1) / 2, (others + 2) / 2)
    ) as peers_median
from scores s
where s.edition = (select edition from method where current) and s.score is not null
    and exists (
        select 1 from peers p
        join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
        where p.ref_area = s.ref_area and o.score is not null
    );
