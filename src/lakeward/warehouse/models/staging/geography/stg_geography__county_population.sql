with

source as (

    {{ newest_file_rows('geography__county_population') }}

),

-- Summary level 50 is a county, 40 its state, which would count everyone twice.
county as (

    select *
    from source
    where {{ padded('sumlev', 3) }} = '050'

),

-- The fields of an exploded structure are only taken in the next step: Sail does not resolve them in the same one.
exploded as (

    select
        county.state,
        county.county,
        county.vintage,
        county._file_id,
        county._source_record,
        estimates.estimate
    from county
    {{ explode('county.other_columns', 'estimates', 'estimate') }}

),

renamed as (

    select
        concat({{ padded('exploded.state', 2) }}, {{ padded('exploded.county', 3) }}) as county_fips,
        cast(substr(exploded.estimate.name, 12) as int) as population_year,
        try_cast(exploded.estimate.value as bigint) as population,
        exploded.vintage,
        exploded._file_id as source_file_id,
        exploded._source_record as source_record
    from exploded
    where exploded.estimate.name like 'POPESTIMATE____'

)

select * from renamed
