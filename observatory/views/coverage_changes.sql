-- What began (1) or ceased (0) to be observed between the two periods of an explained change, for the territories whose
-- index moved by it: a domain, or an indicator of a domain that was observed on both sides.
create view coverage_changes as
select
    c.ref_area, c.edition_to as edition, c.period_from, c.period_to, i.code as indicator,
    iif((e.score is null) <> (f.score is null), d.title, i.short_title) as title,
    b.score is not null as began
from score_changes c
join indicators i
join domains d on d.code = i.domain
left join score_series a
    on a.ref_area = c.ref_area and a.node = i.code and a.geography = 'epoque' and a.time_period = c.period_from
        and a.edition = c.edition_from
left join score_series b
    on b.ref_area = c.ref_area and b.node = i.code and b.geography = 'epoque' and b.time_period = c.period_to
        and b.edition = c.edition_to
left join score_series e
    on e.ref_area = c.ref_area and e.node = i.domain and e.geography = 'epoque' and e.time_period = c.period_from
        and e.edition = c.edition_from
left join score_series f
    on f.ref_area = c.ref_area and f.node = i.domain and f.geography = 'epoque' and f.time_period = c.period_to
        and f.edition = c.edition_to
where c.node = 'index' and c.kind = 'score' and c.edition_from = c.edition_to and c.coverage <> 0
    and (a.score is null) <> (b.score is null);
