{#- Year and value as one short text, whose greatest is the newest value: DuckDB keeps up to 12 bytes of text in place,
    where a pair for each of millions of people would take half as much memory again. -#}
{%- set newest = "max(case when %s is not null then concat(cast(summary_year as string), %s) end)" -%}
{%- set dates = ['birth_date', 'death_date'] -%}
{%- set codes = ['sex_code', 'race_code'] -%}
with newest_stated as (

    -- A value is the newest one stated: a later summary that is silent takes nothing away.
    select
        min(sample_number) as sample_number,
        beneficiary_id,
        {% for column in dates -%}
            {{ newest | replace('%s', "replace(cast(" ~ column ~ " as string), '-', '')") }} as {{ column }},
        {% endfor -%}
        {% for column in codes -%}
            {{ newest | replace('%s', column) }} as {{ column }},
        {% endfor -%}
        cast(min(summary_year) as int) as first_summary_year,
        cast(max(summary_year) as int) as last_summary_year,
        cast(count(*) as int) as summary_year_count
    from {{ ref('dim_beneficiary_year') }}
    group by beneficiary_id

),

summarised as (

    select
        {{ synpuf_release('sample_number') }} as release_id,
        sample_number,
        beneficiary_id,
        {% for column in dates -%}
            {{ parse_date('substr(' ~ column ~ ', 5)', 'YYYYMMDD') }} as {{ column }},
        {% endfor -%}
        substr(sex_code, 5) as sex_code,
        {{ synpuf_sex('substr(sex_code, 5)') }} as sex,
        substr(race_code, 5) as race_code,
        {{ synpuf_race('substr(race_code, 5)') }} as race,
        first_summary_year,
        last_summary_year,
        summary_year_count
    from newest_stated

),

claimant as (

    select
        min(release_id) as release_id,
        min(sample_number) as sample_number,
        beneficiary_id
    from {{ ref('int_claims__segment') }}
    group by beneficiary_id

),

-- Only people with claims are looked up, so that no list of every person of every sample is held in memory.
summarised_claimant as (

    select distinct beneficiary_year.beneficiary_id
    from {{ ref('dim_beneficiary_year') }} as beneficiary_year
    inner join claimant on beneficiary_year.beneficiary_id = claimant.beneficiary_id

),

unsummarised as (

    select claimant.*
    from claimant
    left join summarised_claimant on claimant.beneficiary_id = summarised_claimant.beneficiary_id
    where summarised_claimant.beneficiary_id is null

)

select * from summarised
union all
select
    release_id,
    sample_number,
    beneficiary_id,
    cast(null as date) as birth_date,
    cast(null as date) as death_date,
    cast(null as string) as sex_code,
    cast(null as string) as sex,
    cast(null as string) as race_code,
    cast(null as string) as race,
    cast(null as int) as first_summary_year,
    cast(null as int) as last_summary_year,
    0 as summary_year_count
from unsummarised
