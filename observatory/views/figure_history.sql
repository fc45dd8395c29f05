-- Everything that the register of statuses said of a figure: `answered` where something later was said. The indicator of a
-- figure that was withdrawn may be no more.
create view figure_history as
select
    f.ref_area, f.indicator, f.time_period, f.status, s.title as status_title, f.status_date, f.previous_value,
    f.reason, f.source, f.stated_by,
    exists (
        select 1 from figure_statuses z
        where z.ref_area = f.ref_area and z.indicator = f.indicator and z.time_period = f.time_period
            and z.status_date > f.status_date
    ) as answered,
    ifnull(i.title, f.indicator) as indicator_title, i.domain, i.status as indicator_status, t.name, t.category, u.symbol, u.decimals
from figure_statuses f
join statuses s on s.status = f.status
left join indicators i on i.code = f.indicator
join territories t on t.ref_area = f.ref_area
left join units u on u.unit = i.unit;
