-- Each pair of nodes read from both ends, with the name of the other: the current edition.
create view node_links as
select
    p.peer_group, c.title_plural as category_title, c.position as category_position,
    p.node, p.other, coalesce(d.title, i.short_title) as title, coalesce(e.title, j.short_title) as other_title,
    iif(d.code is null, 'indicator', 'domain') as node_type,
    p.pearson, p.spearman, p.p_value, p.n, p.flag, p.first
from (
    select edition, peer_group, node_a as node, node_b as other, pearson, spearman, p_value, n, flag, 1 as first
    from audit_correlations
    union all
    select edition, peer_group, node_b, node_a, pearson, spearman, p_value, n, flag, 0 from audit_correlations
) p
join categories c on c.category = p.peer_group
left join domains d on d.code = p.node
left join indicators i on i.code = p.node
left join domains e on e.code = p.other
left join indicators j on j.code = p.other
where p.edition = (select edition from method where current);
