create view dataset as
select d.*, l.title as licence_title, l.url as licence_url
from datasets d
left join licences l on l.licence = d.licence;
