-- Only ranked territories are counted.
with ordered as (
    select
        edition, node, peer_group, score,
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
    max(score) as maximum
from ordered
group by edition, node, peer_group
order by edition, node, peer_group
