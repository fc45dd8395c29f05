create view current_edition as
select * from method where current;
