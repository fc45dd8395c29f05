-- `map_view` names the view of the same rows with a latitude and a longitude, where there is one.
create view dataset as
select
    d.*, l.title as licence_title, l.url as licence_url,
    (select name from sqlite_master where type = 'view' and name = d.name || '_carte') as map_view
from datasets d
left join licences l on l.licence = d.licence;
