with

current_version as (

    select * from {{ ref('int_providers__version') }}
    where is_current

),

provider as (

    select * from {{ ref('stg_nppes__provider') }}

),

secondary_location as (

    select * from {{ ref('int_providers__secondary_location') }}
    where is_current

),

current_provider as (

    select provider.*
    from current_version
    inner join provider
        on
            current_version.source_file_id = provider.source_file_id
            and current_version.source_record = provider.source_record

),

block as (

    {% for purpose in ['mailing', 'location'] %}
        select
            npi,
            '{{ purpose | upper }}' as address_purpose,
            {{ purpose }}_address_1 as address_1,
            {{ purpose }}_address_2 as address_2,
            {{ purpose }}_city as city,
            {{ purpose }}_state as state,
            {{ purpose }}_postal_code as postal_code,
            {{ purpose }}_country_code as country_code,
            {{ purpose }}_telephone_number as telephone_number,
            cast(null as string) as telephone_extension,
            {{ purpose }}_fax_number as fax_number,
            last_update_date as last_updated
        from current_provider
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- A block with no line, city, state, ZIP or country is no address: deactivated providers have none.
filled_block as (

    select *
    from block
    where coalesce(address_1, address_2, city, state, postal_code, country_code) is not null

),

secondary as (

    select
        secondary_location.npi,
        'SECONDARY' as address_purpose,
        secondary_location.address_1,
        secondary_location.address_2,
        secondary_location.city,
        secondary_location.state,
        secondary_location.postal_code,
        secondary_location.country_code,
        secondary_location.telephone_number,
        secondary_location.telephone_extension,
        secondary_location.fax_number,
        current_provider.last_update_date as last_updated
    from secondary_location
    inner join current_provider on secondary_location.npi = current_provider.npi

)

select * from filled_block
union all
select * from secondary
