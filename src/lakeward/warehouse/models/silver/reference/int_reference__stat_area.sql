with

listed as (

    select * from {{ ref('stg_geography__area_county') }}

),

newest_listing as (

    select
        stat_area_code,
        max(vintage) as vintage
    from listed
    group by stat_area_code

)

select
    listed.stat_area_code,
    max(listed.stat_area_name) as stat_area_name,
    max(listed.stat_area_type) as stat_area_type,
    max(listed.vintage) as vintage
from listed
inner join newest_listing
    on listed.stat_area_code = newest_listing.stat_area_code and listed.vintage = newest_listing.vintage
group by listed.stat_area_code
