create view current_edition as
select * from method order by edition desc limit 1;
