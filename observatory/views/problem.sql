-- The catalogue of problems, with its severities in French.
create view problem as
select
    p.*,
    case p.severity when 'error' then 'erreur' when 'warning' then 'avertissement' else 'information' end
        as severity_title
from problems p;
