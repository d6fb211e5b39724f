{#- Each round doubles how far a chain is followed: six rounds reach 64 replacements. -#}
{%- set rounds = 6 -%}
with

current_version as (

    select * from {{ ref('int_providers__version') }}
    where is_current

),

provider as (

    select * from {{ ref('stg_nppes__provider') }}

),

named as (

    select
        provider.npi,
        provider.replacement_npi
    from current_version
    inner join provider
        on
            current_version.source_file_id = provider.source_file_id
            and current_version.source_record = provider.source_record
    where provider.replacement_npi is not null

),

known as (

    select npi from current_version
    union
    select npi from {{ ref('int_providers__reported_deactivation') }}
    where not is_withdrawn

),

checked as (

    select
        named.npi,
        known.npi as known_npi
    from named
    left join known on named.replacement_npi = known.npi

),

round_0 as (

    select
        npi,
        known_npi as next_npi
    from checked
    where known_npi is not null

),

{{ followed_rounds(rounds) }}

-- An end that is itself replaced by a known NPI is no end: the chain goes round.
ended as (

    select
        checked.npi,
        last_round.next_npi,
        onward.npi is not null as is_cycle,
        coalesce(end_of_chain.npi, case when checked.known_npi is null then checked.npi end) is not null as is_unknown
    from checked
    left join round_{{ rounds }} as last_round on checked.npi = last_round.npi
    left join round_0 as onward on last_round.next_npi = onward.npi
    left join checked as end_of_chain
        on last_round.next_npi = end_of_chain.npi and end_of_chain.known_npi is null

)

select
    npi,
    case when is_cycle then npi else coalesce(next_npi, npi) end as current_npi,
    case
        when is_cycle then 'cycle'
        when is_unknown then 'unknown_npi'
        else 'followed'
    end as replacement_status
from ended
