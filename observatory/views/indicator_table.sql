-- Every value in both geographies: that of its time, and today's perimeters (`recalculated`: from the values of the former
-- perimeters; `estimated`: a part of them was shared out). `region` is the région of a territory, that of most of its
-- communes for an intercommunalité. `sort_name` is the name as a French dictionary orders it, or nearly.
create view indicator_table as
select
    v.geography, v.indicator, v.time_period, t.level, v.ref_area, t.name, t.category, c.title as category_title,
    v.obs_value, v.obs_status, a.title as obs_status_title, v.coverage, v.recalculated, v.estimated, v.dataset,
    v.status, s.title as status_title, v.status_date, f.reason as status_reason,
    case t.level
        when 'REG' then v.ref_area
        when 'EPCI' then (
            select r.parent from memberships m
            join memberships r on r.member = m.member and r.parent_level = 'REG' and r.valid_to is null
            where m.parent = v.ref_area and m.valid_to is null
            group by r.parent order by count(*) desc, r.parent limit 1
        )
        else (
            select m.parent from memberships m
            where m.member = v.ref_area and m.parent_level = 'REG' and m.valid_to is null
        )
    end as region,
    lower(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        t.name, 'É', 'E'), 'È', 'E'), 'Î', 'I'), 'Â', 'A'), 'Ô', 'O'), 'Ç', 'C'), 'é', 'e'), 'è', 'e'), 'ê', 'e')
        , 'ë', 'e'), 'ô', 'o'), 'î', 'i'), 'ï', 'i'), 'â', 'a'), 'û', 'u'), 'ü', 'u'), 'ç', 'c'), 'Ê', 'E')
        , '-', ' ')) as sort_name
from (
    select
        'epoque' as geography, o.indicator, o.time_period, o.ref_area, o.obs_value, o.obs_status, o.coverage, o.dataset,
        0 as recalculated, o.estimated, o.status, o.status_date
    from observations o
    union all
    select
        'constante', k.indicator, k.time_period, k.ref_area, k.obs_value, k.obs_status, k.coverage, k.dataset, 1,
        k.estimated, k.status, k.status_date
    from observations_constant k
    union all
    select
        'constante', o.indicator, o.time_period, o.ref_area, o.obs_value, o.obs_status, o.coverage, o.dataset, 0,
        o.estimated, o.status, o.status_date
    from observations o
    join territories t on t.ref_area = o.ref_area and t.valid_to is null
    where not exists (
        select 1 from observations_constant k
        where k.indicator = o.indicator and k.ref_area = o.ref_area and k.time_period = o.time_period
    )
) v
join territories t on t.ref_area = v.ref_area
left join categories c on c.category = t.category
left join obs_status a on a.obs_status = v.obs_status
left join statuses s on s.status = v.status
left join last_figure_status f
    on f.ref_area = v.ref_area and f.indicator = v.indicator and f.time_period = v.time_period
where v.obs_value is not null;
