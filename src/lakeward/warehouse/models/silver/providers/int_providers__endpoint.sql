{%- set content = [
    'endpoint_type', 'endpoint_type_description', 'endpoint', 'is_affiliation', 'endpoint_description',
    'affiliation_name', 'use_code', 'use_description', 'other_use_description', 'content_type',
    'content_description', 'other_content_description', 'affiliation_address_1', 'affiliation_address_2',
    'affiliation_city', 'affiliation_state', 'affiliation_country_code', 'affiliation_postal_code',
] -%}
{{ companion_rows('stg_nppes__endpoint', content) }}

select
    npi,
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
    source_record,
    speaks and repeat_number = 1 as is_current
from marked
