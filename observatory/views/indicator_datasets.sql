create view indicator_datasets as
select
    s.indicator, i.title as indicator_title, i.status, i.domain, s.observations, s.first_period, s.last_period,
    s.dataset, d.title as dataset_title, d.last_update, d.next_update, d.accrual_periodicity, d.licence,
    l.title as licence_title, l.url as licence_url, l.share_alike
from indicator_sources s
join indicators i on i.code = s.indicator
join datasets d on d.name = s.dataset
left join licences l on l.licence = d.licence;
