-- Every observation in today's perimeters: the recalculated value where there is one, else the value of its time.
create view current_values as
select * from observations_constant
union all
select o.* from observations o
where not exists (
    select 1 from observations_constant c
    where c.indicator = o.indicator and c.ref_area = o.ref_area and c.time_period = o.time_period
);
