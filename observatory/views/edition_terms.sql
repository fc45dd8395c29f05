-- For each edition, each indicator that it scores for a territory: the value it retained, between its own goalposts.
create view edition_terms as
select
    s.edition, s.ref_area, i.indicator, i.title, i.domain, i.domain_title, i.domain_position, i.position, i.symbol,
    s.status, s.observed_period as time_period, coalesce(k.obs_value, o.obs_value) as obs_value,
    i.goalpost_low, i.goalpost_high, i.weight, s.score
from scores s
join edition_indicators i on i.edition = s.edition and i.indicator = s.node
left join observations_constant k
    on k.indicator = s.node and k.ref_area = s.ref_area and k.time_period = s.observed_period
left join observations o on o.indicator = s.node and o.ref_area = s.ref_area and o.time_period = s.observed_period;
