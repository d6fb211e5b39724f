with places as (

    select * from {{ ref('seed_medicare_place_of_service') }}

),

names as (

    select
        place_of_service_code,
        max(place_of_service_name) as place_of_service_name
    from {{ ref('stg_medicare__place_of_service') }}
    where reject_reasons is null
    group by place_of_service_code

)

select
    places.place_of_service_code,
    names.place_of_service_name,
    places.payment_setting,
    places.facility_kind
from places
left join names on places.place_of_service_code = names.place_of_service_code
