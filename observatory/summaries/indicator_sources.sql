-- Which dataset gives values to which indicator.
select indicator, dataset, count(*) as observations, min(time_period) as first_period, max(time_period) as last_period
from observations
group by indicator, dataset
order by indicator, dataset
