-- Every published score of the current edition, found again from the observations retained and the goalposts, in four
-- steps. Plain SQL, the same for SQLite, DuckDB and Spark; comments are French because /methode prints them. Only for an
-- edition whose means are arithmetic; a closed edition is not in `indicators`, hence not here.

create view recalculated_indicators as
-- 1. Chaque valeur retenue entre ses bornes, de 0 à 100, jamais au-delà ; le périmètre d’aujourd’hui l’emporte.
-- Ce qui est sans objet n’entre pas dans le calcul ; ce qui manque peut valoir de 0 à 100.
select
    edition, ref_area, peer_group, min_domains, domain, domain_weight, indicator, weight, obs_value, score,
    case when score is null then 0.0 else score * coverage end as score_low,
    case when score is null then 100.0 else score * coverage + 100.0 * (1.0 - coverage) end as score_high,
    case when score is null then 0.0 else coverage end as coverage
from (
    select
        placed.*,
        100.0 * case when position < 0.0 then 0.0 when position > 1.0 then 1.0 else position end as score
    from (
        select
            s.edition, s.ref_area, s.peer_group, m.min_domains, i.domain, d.weight as domain_weight,
            s.node as indicator, i.weight,
            coalesce(k.obs_value, o.obs_value) as obs_value,
            case when k.obs_value is null then o.coverage else k.coverage end as coverage,
            (coalesce(k.obs_value, o.obs_value) - i.goalpost_low) / (i.goalpost_high - i.goalpost_low) as position
        from scores s
        join method m on m.edition = s.edition
        join indicators i on i.code = s.node
        join domains d on d.code = i.domain
        left join observations_constant k
            on k.indicator = s.node and k.ref_area = s.ref_area and k.time_period = s.observed_period
        left join observations o
            on o.indicator = s.node and o.ref_area = s.ref_area and o.time_period = s.observed_period
        where s.edition = (select edition from method where current) and m.aggregation = 'arithmetic'
            and s.status <> 'not_applicable'
    ) placed
) normalised;

create view recalculated_domains as
-- 2. Un domaine : moyenne pondérée de ses indicateurs qui ont une valeur. Bornes et couverture comptent aussi les autres.
select
    edition, ref_area, peer_group, min_domains, domain, domain_weight,
    sum(weight * score) / sum(case when score is not null then weight end) as score,
    sum(weight * score_low) / sum(weight) as score_low,
    sum(weight * score_high) / sum(weight) as score_high,
    sum(weight * coverage) / sum(weight) as coverage
from recalculated_indicators
group by edition, ref_area, peer_group, min_domains, domain, domain_weight;

create view recalculated_index as
-- 3. L’indice : moyenne pondérée des domaines qui ont un score, s’ils sont assez nombreux.
-- Des sommes « over » plutôt qu’un « group by » : SQLite ne lit alors que le territoire ou la catégorie demandés.
select
    edition, ref_area, peer_group, case when domains_observed >= min_domains then score end as score,
    score_low, score_high, coverage
from (
    select
        edition, ref_area, peer_group, min_domains,
        row_number() over (partition by edition, peer_group, ref_area order by domain) as line,
        count(score) over territory as domains_observed,
        sum(domain_weight * score) over territory
            / sum(case when score is not null then domain_weight end) over territory as score,
        sum(domain_weight * score_low) over territory / sum(domain_weight) over territory as score_low,
        sum(domain_weight * score_high) over territory / sum(domain_weight) over territory as score_high,
        sum(domain_weight * coverage) over territory / sum(domain_weight) over territory as coverage
    from recalculated_domains
    window territory as (partition by edition, peer_group, ref_area)
) sums
where line = 1;

create view recalculated_scores as
-- 4. Tous, arrondis à six décimales, les moitiés vers le haut.
select
    edition, ref_area, peer_group, node,
    floor(score * 1000000 + 0.500001) / 1000000 as score,
    floor(score_low * 1000000 + 0.500001) / 1000000 as score_low,
    floor(score_high * 1000000 + 0.500001) / 1000000 as score_high,
    floor(coverage * 1000000 + 0.500001) / 1000000 as coverage
from (
    select edition, ref_area, peer_group, indicator as node, score, score_low, score_high, coverage
    from recalculated_indicators
    union all
    select edition, ref_area, peer_group, domain, score, score_low, score_high, coverage from recalculated_domains
    union all
    select edition, ref_area, peer_group, 'index', score, score_low, score_high, coverage from recalculated_index
) nodes;
