-- Beside each score: its rank among the ten territories like this one (`peers`) that have that score, and their median.
-- « With » is rank_among_peers, « without » is rank, in the whole category.
-- Subqueries rather than windows over the join: SQLite then reads only the territory asked for.
create view peer_standings as
select
    s.ref_area, s.node, s.edition, s.score, s.rank, s.peer_count,
    1 + (
        select count(*) from peers p
        join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
        where p.ref_area = s.ref_area and o.score > s.score
    ) as rank_among_peers,
    1 + (
        select count(o.score) from peers p
        join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
        where p.ref_area = s.ref_area
    ) as compared,
    (
        select avg(other) from (
            select
                o.score as other, row_number() over (order by o.score) as position, count(*) over () as others
            from peers p
            join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
            where p.ref_area = s.ref_area and o.score is not null
        ) where position in ((others + 1) / 2, (others + 2) / 2)
    ) as peers_median
from scores s
where s.edition = (select max(edition) from method) and s.score is not null and exists (
    select 1 from peers p
    join scores o on o.edition = s.edition and o.node = s.node and o.ref_area = p.peer
    where p.ref_area = s.ref_area and o.score is not null
);
