-- The counters at their commune's point, which is what datasette-cluster-map draws.
create view france_services_carte as
select t.name, f.*, t.latitude, t.longitude
from france_services f
join territories t on t.ref_area = f.ref_area;
