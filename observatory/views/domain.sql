-- An indicator kept in a register apart is neither « context » nor « planned ».
create view domain as
select
    d.*,
    (select count(*) from indicators i where i.domain = d.code and i.status = 'active') as active,
    (select count(*) from indicators i where i.domain = d.code and i.status = 'context'
        and i.code not in (select indicator from indicator_registers)) as context,
    (select count(*) from indicators i where i.domain = d.code and i.status = 'planned') as planned,
    (select count(*) from indicator_registers r where r.domain = d.code) as registers,
    (select sum(weight) from domains) as weight_total
from domains d;
