-- What has changed, one row a change, for the feeds: new data, closed editions and their rules, published editions,
-- territories, scores, statuses of figures.
-- A kind of change joins by one more select; its words are those of `feeds`.
create view news as
select
    'dataset' as kind, d.name || '/' || d.last_update as subject, null as ref_area, null as indicator, d.name as dataset,
    d.last_update as date, d.title, null as name, null as detail, '/jeux-de-donnees/' || d.name as path
from datasets d
union all
select 'edition', edition, null, null, null, closed_on, edition, null, changes, '/methode/' || edition
from method where closed_on is not null
union all
select 'published', version, null, null, null, date, version, null, null, '/editions/' || version
from releases where date is not null
union all
select
    'rule', c.edition || '/' || c.position, null, c.node, null, m.closed_on, c.kind, m.edition,
    json_object('rule', c.rule, 'before', c.before, 'after', c.after), '/methode/' || m.edition
from method_changes c
join method m on m.edition = c.edition
where c.place = 'indicator' and m.closed_on is not null
union all
select
    'event', h.way || '/' || h.date || '/' || h.type || '/' || h.other, h.ref_area, null, null, h.date, h.title, t.name,
    json_object('way', h.way, 'name', h.other_name, 'code', h.other), '/territoires/' || h.ref_area
from territory_history h
join territories t on t.ref_area = h.ref_area
union all
select
    'score', c.edition_from || '/' || c.period_from || '/' || c.edition_to || '/' || c.period_to, c.ref_area, null, null,
    m.closed_on, c.edition_to, t.name,
    json_object('change', c.change, 'before', c.period_from, 'after', c.period_to, 'edition', c.edition_from),
    '/territoires/' || c.ref_area || '/score'
from score_changes c
join method m on m.edition = c.edition_to
join territories t on t.ref_area = c.ref_area
where c.kind = 'score' and c.node = 'index' and abs(c.change) >= 0.05 and m.closed_on is not null
union all
select
    'status', h.ref_area || '/' || h.indicator || '/' || h.time_period || '/' || h.status_date, h.ref_area, h.indicator, null,
    h.status_date, h.status_title, h.name,
    json_object(
        'indicator', h.indicator_title, 'period', h.time_period, 'reason', h.reason, 'stated_by', h.stated_by,
        'previous', h.previous_value, 'symbol', h.symbol
    ),
    '/citation?territoire=' || h.ref_area || '&indicateur=' || h.indicator || '&periode=' || h.time_period
from figure_history h;
