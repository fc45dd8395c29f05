-- A score term by term: effective weight × score of each indicator that has one; their sum is the published score, with
-- the weights of what is missing shared inside its domain, then between domains. True of an arithmetic mean only.
create view score_terms as
select
    s.edition, s.ref_area, s.node as indicator, i.short_title as title, i.domain, d.title as domain_title, s.score,
    d.position as domain_position, i.position,
    d.weight / (
        select sum(y.weight) from scores x join domains y on y.code = x.node
        where x.edition = s.edition and x.ref_area = s.ref_area and x.score is not null
    ) * i.weight / (
        select sum(y.weight) from scores x join indicators y on y.code = x.node
        where x.edition = s.edition and x.ref_area = s.ref_area and x.score is not null and y.domain = i.domain
    ) as effective_weight
from scores s
join indicators i on i.code = s.node
join domains d on d.code = i.domain
where s.edition = (select edition from method where current) and s.score is not null;
