-- How far the territories like one (`peers`) moved in a year, by indicator: their last value and that of the same
-- period one year before, both in today's perimeters; a progress is a change in the direction that the method wants.
create view peer_progress as
select
    n.ref_area, n.position, n.peer, n.name, n.indicator, n.time_period, n.obs_value,
    b.time_period as earlier_period, b.obs_value as earlier_value,
    iif(i.direction = 'lower', -1, 1) * (n.obs_value - b.obs_value) as progress
from peer_values n
join indicators i on i.code = n.indicator
join current_values b
    on b.ref_area = n.peer and b.indicator = n.indicator and b.obs_value is not null
    and b.time_period = (cast(substr(n.time_period, 1, 4) as integer) - 1) || substr(n.time_period, 5)
where n.time_period = (
    select max(z.time_period) from observations z
    where z.ref_area = n.peer and z.indicator = n.indicator and z.obs_value is not null
);
