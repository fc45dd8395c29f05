create view node_scores as
select
    s.*, m.name as maturity_name, x.median as peer_median, x.ranked as peer_ranked,
    coalesce(d.title, i.short_title) as title, d.question, coalesce(d.position, i.position) as position,
    coalesce(d.weight, i.weight) as weight, i.domain
from scores s
left join maturity_levels m on m.level = s.level
left join domains d on d.code = s.node
left join indicators i on i.code = s.node
left join score_distributions x on x.edition = s.edition and x.node = s.node and x.peer_group = s.peer_group
where s.edition = (select max(edition) from method);
