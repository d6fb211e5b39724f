-- A threshold names a group that has codes: one that had none would find a shortage everywhere.
select threshold.specialty_group
from {{ ref('seed_shortage_threshold') }} as threshold
left join {{ ref('seed_specialty_group') }} as specialty_group on threshold.specialty_group = specialty_group.specialty_group
where specialty_group.specialty_group is null
