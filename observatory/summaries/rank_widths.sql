-- How wide the intervals of rank are, in ranks: 14 ms at each request for the largest category.
with widths as (
    select
        u.edition, u.node, u.peer_group, u.rank_p95 - u.rank_p05 as width, u.runs, u.failed,
        s.rank not between u.rank_p05 and u.rank_p95 as outside,
        row_number() over w as position,
        count(*) over (partition by u.edition, u.node, u.peer_group) as territories
    from score_uncertainty u
    join scores s on s.edition = u.edition and s.node = u.node and s.ref_area = u.ref_area
    window w as (partition by u.edition, u.node, u.peer_group order by u.rank_p95 - u.rank_p05)
)
select
    edition, node, peer_group, territories, max(runs) as runs, max(failed) as failed, avg(width) as mean,
    min(width) as narrowest, max(case when position = (territories + 1) / 2 then width end) as median,
    max(width) as widest, sum(outside) as outside,
    sum(width * 20 <= territories) as within_5,
    sum(width * 20 > territories and width * 10 <= territories) as within_10,
    sum(width * 10 > territories and width * 4 <= territories) as within_25,
    sum(width * 4 > territories and width * 2 <= territories) as within_50,
    sum(width * 2 > territories) as beyond_50
from widths
group by edition, node, peer_group
order by edition, node, peer_group
