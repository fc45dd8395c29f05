create view indicator_categories as
select x.*, c.title, c.title_plural, c.position, c.level
from value_distributions x
join categories c on c.category = x.category;
