-- What the register of statuses said last of each figure that it speaks of.
create view last_figure_status as
select f.*, s.title as status_title
from figure_statuses f
join statuses s on s.status = f.status
where f.status_date = (
    select max(z.status_date) from figure_statuses z
    where z.ref_area = f.ref_area and z.indicator = f.indicator and z.time_period = f.time_period
);
