-- How many territories of each category had their index moved by a first measure, among those whose index is explained.
create view peer_coverage_changes as
select
    s.peer_group, c.edition_to as edition, c.period_from, c.period_to, sum(c.coverage <> 0) as measured,
    count(*) as explained
from score_changes c
join scores s on s.edition = c.edition_to and s.node = c.node and s.ref_area = c.ref_area
where c.node = 'index' and c.kind = 'score' and c.edition_from = c.edition_to and s.rank is not null
group by s.peer_group, c.edition_to, c.period_from, c.period_to;
