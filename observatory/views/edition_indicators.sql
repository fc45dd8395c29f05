-- The indicators that each edition scores, by its own weights and goalposts; texts are today's.
create view edition_indicators as
select
    i.*, coalesce(n.short_title, i.indicator) as title, u.symbol, coalesce(d.title, i.domain) as domain_title,
    g.weight as domain_weight, g.position as domain_position
from method_indicators i
join method_domains g on g.edition = i.edition and g.domain = i.domain
left join indicators n on n.code = i.indicator
left join units u on u.unit = n.unit
left join domains d on d.code = i.domain;
