with

endpoint as (

    select * from {{ ref('int_providers__endpoint') }}
    where is_current

)

select
    npi,
    cast(row_number() over (partition by npi order by source_record) as bigint) as endpoint_number,
    endpoint_type,
    endpoint_type_description,
    endpoint,
    is_affiliation,
    endpoint_description,
    affiliation_name,
    use_code,
    use_description,
    other_use_description,
    content_type,
    content_description,
    other_content_description,
    affiliation_address_1,
    affiliation_address_2,
    affiliation_city,
    affiliation_state,
    affiliation_country_code,
    affiliation_postal_code,
    source_file_id,
    source_record
from endpoint
