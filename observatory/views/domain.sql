create view domain as
select
    d.*,
    (select count(*) from indicators i where i.domain = d.code and i.status = 'active') as active,
    (select count(*) from indicators i where i.domain = d.code and i.status = 'context') as context,
    (select count(*) from indicators i where i.domain = d.code and i.status = 'planned') as planned,
    (select sum(weight) from domains) as weight_total
from domains d;
