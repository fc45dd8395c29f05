-- Only ranked territories are counted.
with ordered as (
    select
        edition, node, peer_group, score, level,
        row_number() over w as position,
        count(*) over (partition by edition, node, peer_group) as ranked
    from scores
    where rank is not null
    window w as (partition by edition, node, peer_group order by score)
)
select
    edition, node, peer_group, ranked,
    min(score) as minimum,
    avg(case when position in ((ranked + 1) / 2, (ranked + 2) / 2) then score end) as median,
    max(score) as maximum,
    sum(level = 1) as level_1, sum(level = 2) as level_2, sum(level = 3) as level_3, sum(level = 4) as level_4,
    sum(level = 5) as level_5
from ordered
group by edition, node, peer_group
order by edition, node, peer_group
