-- The version of each table: the number that the last published edition gave it; before any, the day of the data of a
-- dataset, or the edition of the method for a table of ours.
create view table_versions as
select
    c.name,
    coalesce(
        (select r.table_version from release_tables r where r.name = c.name order by r.rowid desc limit 1),
        (select d.last_update from datasets d where d.name = c.name),
        (select m.edition from method m where m.current)
    ) as version
from (select distinct table_name as name from columns) c;
