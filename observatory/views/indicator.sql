create view indicator as
select
    i.*, u.title as unit_title, u.symbol, u.decimals, d.title as domain_title, d.position as domain_position,
    d.weight as domain_weight,
    (select sum(x.weight) from indicators x where x.domain = i.domain and x.status = 'active') as domain_indicators_weight,
    (select min(s.first_period) from indicator_sources s where s.indicator = i.code) as first_period,
    (select max(s.last_period) from indicator_sources s where s.indicator = i.code) as last_period,
    (select r.dataset from indicator_registers r where r.indicator = i.code) as register_dataset
from indicators i
join domains d on d.code = i.domain
left join units u on u.unit = i.unit;
