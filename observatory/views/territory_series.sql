-- Every value of a territory, for the curves of its page.
create view territory_series as
select ref_area, indicator, time_period, obs_value, status, status_date
from observations
where obs_value is not null;
