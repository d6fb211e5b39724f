{# The slots of a registry record: specialties and identifiers that other systems gave a provider. #}
{% macro taxonomy_slots() -%}{{ return(range(1, 16)) }}{%- endmacro %}
{% macro identifier_slots() -%}{{ return(range(1, 51)) }}{%- endmacro %}

{# The published columns of a slot, without its number: any of them filled makes the slot a row. #}
{% macro taxonomy_slot_columns() -%}
{{ return([
    'healthcare_provider_taxonomy_code', 'provider_license_number', 'provider_license_number_state_code',
    'healthcare_provider_taxonomy_group',
]) }}
{%- endmacro %}

{% macro identifier_slot_columns() -%}
{{ return([
    'other_provider_identifier', 'other_provider_identifier_type_code', 'other_provider_identifier_state',
    'other_provider_identifier_issuer',
]) }}
{%- endmacro %}

{#
    What `value` says of one provider's primary taxonomy slot: the first slot switched 'Y', else the first that holds a code.
    In `value` and `otherwise`, SQL texts, `#` stands for the number of the slot.
#}
{% macro of_primary_slot(switched, listed, otherwise='null') -%}
case
    {%- for slot in taxonomy_slots() %}
    when healthcare_provider_primary_taxonomy_switch_{{ slot }} = 'Y' and healthcare_provider_taxonomy_code_{{ slot }} is not null
        then {{ switched | replace('#', slot) }}
    {%- endfor %}
    {%- for slot in taxonomy_slots() %}
    when healthcare_provider_taxonomy_code_{{ slot }} is not null then {{ listed | replace('#', slot) }}
    {%- endfor %}
    else {{ otherwise }}
end
{%- endmacro %}

{# A published column of the primary slot; `prefix` is its name without the slot number, such as 'provider_license_number'. #}
{% macro primary_slot_value(prefix) -%}
{{ of_primary_slot(prefix ~ '_#', prefix ~ '_#') }}
{%- endmacro %}

{# The number of the primary slot; null where no slot holds a code. #}
{% macro primary_slot_number() -%}
{{ of_primary_slot('#', '#') }}
{%- endmacro %}

{# How the primary slot was found: 'switch', 'first_listed', or 'none' where no slot holds a code. #}
{% macro primary_slot_rule() -%}
{{ of_primary_slot("'switch'", "'first_listed'", "'none'") }}
{%- endmacro %}

{# The numbers of the slots in which any of some published columns is filled, as a list without nulls. #}
{% macro filled_slots(prefixes, slots) -%}
  {%- set numbers = [] -%}
  {%- for slot in slots -%}
    {%- set columns = [] -%}
    {%- for prefix in prefixes %}{% do columns.append(prefix ~ '_' ~ slot) %}{% endfor -%}
    {%- do numbers.append('case when coalesce(' ~ (columns + ['null']) | join(', ') ~ ') is not null then ' ~ slot ~ ' end') -%}
  {%- endfor -%}
  {{ list_without_nulls(list_of(numbers)) }}
{%- endmacro %}

{# CTE `exploded`: each registry record once for each slot in which any of the columns is filled, with its number as `slot`. #}
{% macro slot_rows(columns, slots) -%}
with

source as (

    select * from {{ source('bronze', 'nppes__npidata') }}

),

filled as (

    select
        *,
        {{ filled_slots(columns, slots) }} as slots
    from source

),

exploded as (

    select *
    from filled {{ explode('filled.slots', 'numbered', 'slot') }}

)
{%- endmacro %}

{# How many slots of a record have any of some published columns filled. #}
{% macro filled_slot_count(prefixes, slots) -%}
  {%- for slot in slots %}
        {{ '+ ' if not loop.first }}case when {% for prefix in prefixes -%}
        {{ prefix }}_{{ slot }} is not null{{ ' or ' if not loop.last }}
        {%- endfor %} then 1 else 0 end
  {%- endfor %}
{%- endmacro %}

{# The value of a published column in the slot whose number `slot` holds. #}
{% macro slot_value(prefix, slot, slots) -%}
case {{ slot }}
    {%- for number in slots %}
    when {{ number }} then {{ prefix }}_{{ number }}
    {%- endfor %}
end
{%- endmacro %}

{# A reason when a registry date has text that is no such date, else null. #}
{% macro unreadable_date_reason(column, reason) -%}
case when {{ column }} is not null and {{ registry_date(column) }} is null then '{{ reason }}' end
{%- endmacro %}

{# A date as the registry's files write it. #}
{% macro registry_date(column) -%}
{{ parse_date(column, 'MM/DD/YYYY') }}
{%- endmacro %}

{# A date of the deactivation report, whose cells are text as in the registry's files or days of a spreadsheet. #}
{% macro report_day(column) -%}
coalesce(
    {{ parse_date(column, 'MM/DD/YYYY') }},
    {{ parse_date(column, 'YYYY-MM-DD') }},
    {{ parse_date(column, 'YYYYMMDD') }}
)
{%- endmacro %}

{# Why an NPI is none, as reasons to be joined by `concat_ws`; null where it is one. #}
{% macro npi_reasons() -%}
case when npi is null then 'npi_missing' end,
case
    when length(npi) <> 10 or translate(npi, '0123456789', '') <> '' or substr(npi, 1, 1) not in ('1', '2')
        then 'npi_format'
    when npi is not null and not {{ npi_is_valid('npi') }} then 'npi_check_digit'
end
{%- endmacro %}

{# NPI-1 a person, NPI-2 an organisation: the words of the registry's API, which rates and marts use. #}
{% macro enumeration_type(code) -%}
case {{ code }} when '1' then 'NPI-1' when '2' then 'NPI-2' end
{%- endmacro %}

{# A active, I inactive: a deactivation holds until a reactivation on the same day or later. #}
{% macro registry_status(deactivation_date, reactivation_date) -%}
case
    when {{ deactivation_date }} is null then 'A'
    when {{ reactivation_date }} >= {{ deactivation_date }} then 'A'
    else 'I'
end
{%- endmacro %}

{# The columns whose change opens a new span of dim_npi_history. #}
{% macro npi_tracked_columns() -%}
{{ return([
    'enumeration_type', 'status', 'first_name', 'last_name', 'organization_name', 'credential', 'primary_taxonomy_code',
    'practice_address_1', 'practice_city', 'practice_state', 'practice_postal_code', 'enumeration_date', 'deactivation_date',
    'reactivation_date', 'replacement_npi',
]) }}
{%- endmacro %}

{# Each column as it was in the row before, as `<column>_before`. #}
{% macro values_before(columns, window) -%}
  {%- for column in columns %}
        lag({{ column }}) over ({{ window }}) as {{ column }}_before{{ ',' if not loop.last }}
  {%- endfor %}
{%- endmacro %}

{# Whether each column differs from the row before, as `<column>_differs`; `provided` maps a column to what must hold besides. #}
{% macro differences(columns, provided={}) -%}
  {%- for column in columns %}
        {{ provided[column] ~ ' and ' if column in provided }}({{ column }} is distinct from {{ column }}_before) as {{ column }}_differs
        {{- ',' if not loop.last }}
  {%- endfor %}
{%- endmacro %}

{# Whether any flag `<column>_differs` is set. #}
{% macro any_differs(columns) -%}
  {%- for column in columns %}{{ ' or ' if not loop.first }}{{ column }}_differs{% endfor -%}
{%- endmacro %}

{# The names of the columns whose flag `<column>_differs` is set, as a list. #}
{% macro changed_columns(columns) -%}
  {%- set names = [] -%}
  {%- for column in columns %}{% do names.append("case when " ~ column ~ "_differs then '" ~ column ~ "' end") %}{% endfor -%}
  {{ list_without_nulls(list_of(names)) }}
{%- endmacro %}

{#
    The rows of a companion file that say what holds now, and the others marked so. A companion lists all that belongs to
    a provider, so one file speaks for a provider: the newest that names it; and none does when the provider's record
    stands in a newer release whose companion was loaded and does not name it.

    `staging` has npi, source_file_id, source_record, file_as_of_date, reject_reasons and the columns in `content`, which
    tell a row from a repeat. CTE `marked`: the accepted rows of known providers with `speaks` (the row says what holds
    now) and `repeat_number` (1, and more for a repeat).
#}
{% macro companion_rows(staging, content) -%}
with

accepted as (

    select * from {{ ref(staging) }}
    where reject_reasons = ''

),

current_version as (

    select * from {{ ref('int_providers__version') }}
    where is_current

),

companion_release as (

    select distinct file_as_of_date from {{ ref(staging) }}

),

of_provider as (

    select
        accepted.*,
        current_version.published_as_of_date as record_file_date
    from accepted
    inner join current_version on accepted.npi = current_version.npi

),

placed as (

    select
        of_provider.*,
        dense_rank() over (
            partition by of_provider.npi
            order by of_provider.file_as_of_date desc nulls last, of_provider.source_file_id desc
        ) as file_place
    from of_provider

),

silent_since as (

    select distinct placed.npi
    from placed
    inner join companion_release on placed.record_file_date = companion_release.file_as_of_date
    where placed.file_place = 1 and placed.record_file_date > placed.file_as_of_date

),

marked as (

    select
        placed.*,
        placed.file_place = 1 and silent_since.npi is null as speaks,
        row_number() over (
            partition by placed.npi, placed.file_place, {{ content | join(', ') }}
            order by placed.source_record
        ) as repeat_number
    from placed
    left join silent_since on placed.npi = silent_since.npi

)
{%- endmacro %}

{# CTEs round_1, round_2, … after round_0 (npi, next_npi): each doubles how far every chain of replacements is followed. #}
{% macro followed_rounds(rounds) -%}
  {%- for number in range(1, rounds + 1) %}
round_{{ number }} as (

    select
        near.npi,
        coalesce(far.next_npi, near.next_npi) as next_npi
    from round_{{ number - 1 }} as near
    left join round_{{ number - 1 }} as far on near.next_npi = far.npi

),
  {%- endfor %}
{%- endmacro %}

{# A text of the registry's API, which writes -- for nothing. #}
{% macro answered(column) -%}
nullif({{ column }}, '--')
{%- endmacro %}
