-- Which choice of the method moves the ranks of a category most: the current edition.
create view choice_shares as
select
    s.peer_group, s.factor,
    case s.factor
        when 'weights' then 'Les poids' when 'normalisation' then 'La façon de placer sur 100'
        when 'aggregation' then 'La façon de réunir (moyenne)' when 'goalposts' then 'Les bornes du 0 et du 100'
        when 'missing' then 'Ce qui remplace une donnée manquante'
    end as title,
    s.first_order, s.first_low, s.first_high, s.total_order, s.total_low, s.total_high, s.runs
from score_sensitivity s
where s.ref_area is null and s.edition = (select edition from method where current);
