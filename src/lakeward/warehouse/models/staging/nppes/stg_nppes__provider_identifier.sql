{{ slot_rows(identifier_slot_columns(), identifier_slots()) }},

renamed as (

    select
        _file_id as source_file_id,
        _source_record as source_record,
        npi,
        cast(slot as bigint) as slot,
        {{ slot_value('other_provider_identifier', 'slot', identifier_slots()) }} as identifier,
        {{ slot_value('other_provider_identifier_type_code', 'slot', identifier_slots()) }} as identifier_type_code,
        {{ slot_value('other_provider_identifier_state', 'slot', identifier_slots()) }} as identifier_state,
        {{ slot_value('other_provider_identifier_issuer', 'slot', identifier_slots()) }} as identifier_issuer
    from exploded

)

select * from renamed
