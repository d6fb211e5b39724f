-- Which file holds for which days. A file holds from the first month of its release until the next one of the same
-- year; the first of a year holds from 1 January, the last to 31 December, because CMS republishes a year's amounts
-- in full and a lake rarely has all four quarters.
{% set dated_models = {
    'pfs_rvu': 'stg_medicare__pfs_rvu',
    'gpci': 'stg_medicare__gpci',
    'zip_locality': 'stg_medicare__zip_locality',
    'opps_addendum_b': 'stg_medicare__opps_addendum_b',
    'asc_wage_index': 'stg_medicare__wage_index',
} %}
with files as (

    {% for dataset, model in dated_models.items() -%}
        select distinct
            '{{ dataset }}' as dataset,
            file_id,
            data_year,
            release,
            released_on
        from {{ ref(model) }}
        union all
    {% endfor -%}
    select distinct
        dataset,
        file_id,
        data_year,
        release,
        released_on
    from {{ ref('stg_medicare__asc_addendum') }}

),

-- From 2026 the fee schedule comes in two files; the one of qualifying participants is told by its conversion factor.
file_factors as (

    select
        file_id,
        max(conversion_factor) as conversion_factor
    from {{ ref('stg_medicare__pfs_rvu') }}
    group by file_id

),

participant_files as (

    select distinct file_factors.file_id
    from file_factors
    inner join {{ ref('seed_medicare_factor') }} as factor
        on
            file_factors.conversion_factor = factor.conversion_factor
            and factor.benchmark_type = 'professional'
            and factor.is_qualifying_participant

),

dated as (

    select
        files.dataset,
        files.file_id,
        files.data_year,
        files.release,
        cast(concat(cast(files.data_year as string), '-', {{ medicare_first_month('files.release') }}, '-01') as date)
            as first_day,
        file_factors.conversion_factor,
        row_number() over (
            partition by files.dataset, files.data_year, {{ medicare_first_month('files.release') }}
            order by
                case when participant_files.file_id is null then 0 else 1 end,
                coalesce(files.released_on, cast('1900-01-01' as date)) desc,
                files.file_id
        ) as preference
    from files
    left join file_factors on files.file_id = file_factors.file_id
    left join participant_files on files.file_id = participant_files.file_id

),

chosen as (

    select
        dataset,
        file_id,
        data_year,
        release,
        first_day,
        conversion_factor,
        lag(first_day) over (partition by dataset, data_year order by first_day) as previous_first_day,
        lead(first_day) over (partition by dataset, data_year order by first_day) as next_first_day
    from dated
    where preference = 1

)

select
    dataset,
    file_id,
    data_year,
    release,
    conversion_factor,
    case
        when previous_first_day is null then cast(concat(cast(data_year as string), '-01-01') as date)
        else first_day
    end as effective_from,
    case
        when next_first_day is null then cast(concat(cast(data_year as string), '-12-31') as date)
        else cast(next_first_day - interval 1 day as date)
    end as effective_to
from chosen
