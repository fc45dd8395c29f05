-- `shared` says whether another territory has the same rank; a median of fewer than five territories says nothing.
-- The range of ref_area only spares reading the territories of other levels.
create view node_scores as
select
    s.*, m.name as maturity_name, iif(x.ranked >= 5, x.median, null) as peer_median, x.ranked as peer_ranked,
    coalesce(d.title, i.short_title) as title, d.question, coalesce(d.position, i.position) as position,
    coalesce(d.weight, i.weight) as weight, i.domain,
    (select c.title from domains c where c.code = s.capped_by) as capped_by_title,
    case s.status
        when 'observed' then 'Observé' when 'estimated' then 'Calculé par l’observatoire' when 'missing' then 'Manquant'
        when 'not_applicable' then 'Sans objet' when 'suppressed' then 'Secret statistique'
    end as status_title,
    s.rank is not null and exists (
        select 1 from scores z
        where z.edition = s.edition and z.node = s.node and z.peer_group = s.peer_group and z.rank = s.rank
            and z.ref_area > substr(s.ref_area, 1, instr(s.ref_area, '-'))
            and z.ref_area < substr(s.ref_area, 1, instr(s.ref_area, '-') - 1) || '.'
            and z.ref_area <> s.ref_area
    ) as shared
from scores s
left join maturity_levels m on m.level = s.level
left join domains d on d.code = s.node
left join indicators i on i.code = s.node
left join score_distributions x on x.edition = s.edition and x.node = s.node and x.peer_group = s.peer_group
where s.edition = (select edition from method where current);
