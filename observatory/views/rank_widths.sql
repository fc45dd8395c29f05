-- How wide the intervals of rank are, in ranks, in each category: the current edition.
create view rank_widths as
with widths as (
    select
        u.node, u.peer_group, u.rank_p95 - u.rank_p05 as width, u.runs, u.failed,
        row_number() over (partition by u.node, u.peer_group order by u.rank_p95 - u.rank_p05) as position,
        count(*) over (partition by u.node, u.peer_group) as territories
    from score_uncertainty u
    where u.edition = (select max(edition) from method)
)
select
    node, peer_group, territories, max(runs) as runs, max(failed) as failed,
    avg(width) as mean, max(case when position = (territories + 1) / 2 then width end) as median,
    min(width) as narrowest, max(width) as widest,
    sum(width * 20 <= territories) as within_5,
    sum(width * 20 > territories and width * 10 <= territories) as within_10,
    sum(width * 10 > territories and width * 4 <= territories) as within_25,
    sum(width * 4 > territories and width * 2 <= territories) as within_50,
    sum(width * 2 > territories) as beyond_50
from widths
group by node, peer_group;
