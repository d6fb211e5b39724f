with item as (

    select * from {{ ref('stg_mrf__item') }}

),

code as (

    select * from {{ ref('int_rates__code') }}

),

release_file as (

    select * from {{ ref('int_rates__release') }}

)

select
    release_file.file_key,
    item.item_id,
    code.code_key
from item
inner join release_file on item.file_id = release_file.file_id
inner join code
    on
        item.negotiation_arrangement is not distinct from code.negotiation_arrangement
        and item.code_type is not distinct from code.code_type
        and item.code is not distinct from code.code
        and item.code_type_version is not distinct from code.code_type_version
        and item.severity_of_illness is not distinct from code.severity_of_illness
