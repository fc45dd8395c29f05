-- What each node weighs on paper and in the facts, with its name: the current edition.
create view node_audits as
select
    a.*, c.title_plural as category_title, c.position as category_position, coalesce(d.title, i.short_title) as title,
    iif(a.node = 'index', 'index', iif(d.code is null, 'indicator', 'domain')) as node_type, i.domain,
    h.title as domain_title, coalesce(d.position, h.position) as domain_position, i.position as indicator_position
from audit_nodes a
join categories c on c.category = a.peer_group
left join domains d on d.code = a.node
left join indicators i on i.code = a.node
left join domains h on h.code = i.domain
where a.edition = (select edition from method where current);
