-- A provider may practise in several states; the current practice that the registry calls primary is one place in one state.
select
    npi,
    count(*) as places,
    count(distinct state) as states
from {{ ref('bridge_npi_location') }}
where is_primary_location
group by npi
having count(*) > 1 or count(distinct state) > 1
