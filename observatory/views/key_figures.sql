create view key_figures as
select
    (select count(*) from territories where valid_to is null) as territories,
    (select count(*) from indicators where status <> 'planned' and code not in (select indicator from indicator_registers)
    ) as indicators,
    (select count(*) from indicators where status = 'planned') as planned,
    (select count(*) from datasets) as datasets,
    (select sum(observations) from indicator_sources) as observations;
