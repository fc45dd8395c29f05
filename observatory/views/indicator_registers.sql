-- Indicators whose values stay in a contributed register of the same name, apart from observations.
create view indicator_registers as
select
    i.code as indicator, i.title as indicator_title, i.domain, i.levels, i.position, d.name as dataset, d.title,
    l.title as licence_title, d.share_alike,
    exists (select 1 from columns c where c.table_name = d.name and c.name = 'ref_area') as by_territory
from indicators i
join datasets d on d.name = replace(i.code, '-', '_') and d.form = 'register'
left join licences l on l.licence = d.licence
where i.status = 'context' and not exists (select 1 from indicator_sources s where s.indicator = i.code);
