-- Every value of the territories like one (`peers`), in today's perimeters, nearest first.
create view peer_values as
select p.ref_area, p.position, p.peer, t.name, o.indicator, o.time_period, o.obs_value, o.status, o.status_date
from peers p
join territories t on t.ref_area = p.peer
join current_values o on o.ref_area = p.peer
where o.obs_value is not null;
