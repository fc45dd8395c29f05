-- What the calendar tells, one row a day; `stamp` is the day on which it was known. A kind joins by one more select.
create view calendar_days as
select 'released' as kind, name as subject, last_update as date, title, '/jeux-de-donnees/' || name as path, last_update as stamp
from datasets
union all
select 'announced', name, next_update, title, '/jeux-de-donnees/' || name, last_update
from datasets where next_update glob '[0-9]*'
union all
select 'edition', edition, closed_on, edition, '/methode/' || edition, closed_on
from method where closed_on is not null
union all
select 'published', version, date, version, '/editions/' || version, date
from releases where date is not null
union all
-- Communes that change, of the year of the newest data and of those to come: the title is how many.
select
    'territories', e.date, e.date, cast(count(distinct e.from_area) as text), '/donnees/territory_events?date=' || e.date,
    min(e.date, (select max(last_update) from datasets))
from territory_events e
where e.from_area like 'COM-%' and e.date >= substr((select max(last_update) from datasets), 1, 4)
group by e.date;
