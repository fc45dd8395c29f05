-- One row for each indicator that has data and each level that it applies to: its last year with a value, or none.
-- `age` is in years, at the year of the edition. Indicators kept in a register apart have no row.
create view current_coverage as
select
    i.code as indicator, i.title, i.short_title, i.status, i.domain, d.title as domain_title, d.position as domain_position,
    i.position, l.level, l.title_plural as level_title, l.position as level_position,
    y.year, y.last_period, ifnull(y.observed, 0) as observed,
    ifnull(y.total, (select count(*) from territories x
        where x.level = l.level and x.valid_to is null and x.category not like 'collectivite-%'
    )) as total,
    y.published, y.derived, y.recalculated, y.said_missing,
    cast(substr(m.time_period, 1, 4) as integer) - cast(y.year as integer) as age
from indicators i
join domains d on d.code = i.domain
join levels l on instr(i.levels, '"' || l.level || '"') > 0
left join coverage_years y on y.indicator = i.code and y.level = l.level and y.year = (
    select max(z.year) from coverage_years z where z.indicator = i.code and z.level = l.level and z.observed > 0
)
cross join (select max(time_period) as time_period from current_edition) m
where i.status <> 'planned' and i.code not in (select indicator from indicator_registers);
