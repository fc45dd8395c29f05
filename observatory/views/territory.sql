-- `heir` is the territory of today that took the whole place of one that is no more: it exists, by construction.
create view territory as
select
    t.*,
    t.valid_to is null as current,
    l.title as level_title, l.title_plural as level_plural,
    c.title as category_title, c.title_plural as category_plural, c.ranked as category_ranked,
    s.score, s.score_low, s.score_high, s.coverage, s.level as maturity, m.name as maturity_name,
    s.rank, s.rank_low, s.rank_high, s.peer_count, s.reason, s.edition, s.time_period,
    s.domains_observed,
    (select count(*) from domains) as domains_total,
    (select h.ref_area from territories h
        where t.valid_to is not null and h.ref_area = t.successors and h.valid_to is null
    ) as heir
from territories t
join levels l on l.level = t.level
left join categories c on c.category = t.category
left join scores s
    on s.edition = (select edition from method where current) and s.node = 'index' and s.ref_area = t.ref_area
left join maturity_levels m on m.level = s.level;
