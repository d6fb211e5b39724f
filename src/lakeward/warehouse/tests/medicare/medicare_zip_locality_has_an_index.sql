-- A ZIP code whose contractor and locality are not in the GPCI file of its year weighs nothing in its state's amount.
{{ config(severity='warn') }}

with periods as (

    select
        zip_file_id,
        index_file_id
    from {{ ref('int_medicare__period') }}
    where benchmark_type = 'professional' and zip_file_id is not null and index_file_id is not null

)

select
    zips.state,
    zips.mac,
    zips.locality_number,
    count(*) as zip_count
from periods
inner join {{ ref('stg_medicare__zip_locality') }} as zips on periods.zip_file_id = zips.file_id
left join {{ ref('stg_medicare__gpci') }} as gpci
    on
        periods.index_file_id = gpci.file_id
        and zips.mac = gpci.mac
        and zips.locality_number = gpci.locality_number
where zips.reject_reasons is null and gpci.mac is null
group by zips.state, zips.mac, zips.locality_number
