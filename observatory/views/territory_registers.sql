-- Registers of things that name a territory each (initiatives, labels, calls, events): what a territory's page lists.
-- Those that stand for an indicator (`indicator_registers`) are beside it instead.
create view territory_registers as
select d.name, d.title, d.description, d.last_update
from datasets d
where d.form = 'register'
    and exists (select 1 from columns c where c.table_name = d.name and c.name = 'ref_area')
    and d.name not in (select dataset from indicator_registers);
