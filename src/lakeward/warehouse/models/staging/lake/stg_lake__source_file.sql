with source as (

    select * from {{ source('bronze', 'lake__source_file') }}

)

select
    file_id,
    source as source_name,
    name as file_name,
    sha256,
    size_bytes
from source
