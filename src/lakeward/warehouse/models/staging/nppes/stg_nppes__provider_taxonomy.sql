{{ slot_rows(taxonomy_slot_columns(), taxonomy_slots()) }},

renamed as (

    select
        _file_id as source_file_id,
        _source_record as source_record,
        npi,
        cast(slot as bigint) as slot,
        {{ slot_value('healthcare_provider_taxonomy_code', 'slot', taxonomy_slots()) }} as taxonomy_code,
        {{ slot_value('provider_license_number', 'slot', taxonomy_slots()) }} as license_number,
        {{ slot_value('provider_license_number_state_code', 'slot', taxonomy_slots()) }} as license_state,
        {{ slot_value('healthcare_provider_taxonomy_group', 'slot', taxonomy_slots()) }} as taxonomy_group,
        coalesce(slot = {{ primary_slot_number() }}, false) as is_primary,
        case when slot = {{ primary_slot_number() }} then {{ primary_slot_rule() }} end as primary_rule
    from exploded

)

select * from renamed
