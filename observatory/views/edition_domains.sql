-- The domains of each edition, by its own weights, with how many indicators it scores in each; titles are today's.
create view edition_domains as
select
    g.*, coalesce(d.title, g.domain) as title,
    (select count(*) from method_indicators i where i.edition = g.edition and i.domain = g.domain) as indicators
from method_domains g
left join domains d on d.code = g.domain;
