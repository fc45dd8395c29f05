-- `map_view` names the view of the same rows with a latitude and a longitude, where there is one. Warnings that the
-- descriptor accepts with a reason are counted apart.
create view dataset as
select
    d.*, v.version, l.title as licence_title, l.url as licence_url,
    (select name from sqlite_master where type = 'view' and name = d.name || '_carte') as map_view,
    (select count(*) from dataset_checks c where c.dataset = d.name and c.severity = 'error') as errors,
    (select count(*) from dataset_checks c
        where c.dataset = d.name and c.severity = 'warning' and c.reason is null
    ) as open_warnings,
    (select count(*) from dataset_checks c where c.dataset = d.name and c.severity = 'info' and c.reason is null) as notes,
    (select count(*) from dataset_checks c where c.dataset = d.name and c.reason is not null) as accepted,
    (select sum(q.met) from dataset_criteria q where q.dataset = d.name) as criteria_met,
    (select count(*) from dataset_criteria q where q.dataset = d.name) as criteria
from datasets d
left join licences l on l.licence = d.licence
left join table_versions v on v.name = d.name;
