-- Spans of days in which one schedule file, one index file and one conversion factor hold together.
with editions as (

    select * from {{ ref('int_medicare__edition') }}

),

schedules as (

    select
        case dataset
            when 'pfs_rvu' then 'professional'
            when 'opps_addendum_b' then 'opps'
            else 'asc'
        end as benchmark_type,
        case when dataset = 'pfs_rvu' then 'gpci' else 'asc_wage_index' end as index_dataset,
        *
    from editions
    where dataset in ('pfs_rvu', 'opps_addendum_b', 'asc_addendum_aa', 'asc_addendum_bb')

),

published_factors as (

    select
        benchmark_type,
        effective_from,
        effective_to,
        conversion_factor
    from {{ ref('seed_medicare_factor') }}
    where not is_qualifying_participant

),

-- A year that the seed does not know yet is paid by the factor that stands in the file, or by none.
factors as (

    select * from published_factors
    union all
    select
        schedules.benchmark_type,
        schedules.effective_from,
        schedules.effective_to,
        max(schedules.conversion_factor) as conversion_factor
    from schedules
    where
        not exists (
            select 1
            from published_factors
            where
                published_factors.benchmark_type = schedules.benchmark_type
                and published_factors.effective_from <= schedules.effective_to
                and published_factors.effective_to >= schedules.effective_from
        )
    group by schedules.benchmark_type, schedules.effective_from, schedules.effective_to

),

factored as (

    select
        schedules.benchmark_type,
        schedules.dataset,
        schedules.index_dataset,
        schedules.file_id as schedule_file_id,
        schedules.data_year,
        schedules.release,
        factors.conversion_factor,
        greatest(schedules.effective_from, factors.effective_from) as effective_from,
        least(schedules.effective_to, factors.effective_to) as effective_to
    from schedules
    inner join factors
        on
            schedules.benchmark_type = factors.benchmark_type
            and schedules.effective_from <= factors.effective_to
            and schedules.effective_to >= factors.effective_from

),

indexed as (

    select
        factored.benchmark_type,
        factored.dataset,
        factored.schedule_file_id,
        place_index.file_id as index_file_id,
        factored.data_year,
        factored.release,
        factored.conversion_factor,
        greatest(factored.effective_from, coalesce(place_index.effective_from, factored.effective_from)) as effective_from,
        least(factored.effective_to, coalesce(place_index.effective_to, factored.effective_to)) as effective_to
    from factored
    left join editions as place_index
        on
            factored.index_dataset = place_index.dataset
            and factored.effective_from <= place_index.effective_to
            and factored.effective_to >= place_index.effective_from

),

-- The ZIP file only weighs localities: the last one of the year serves the whole year.
zip_files as (

    select
        data_year,
        file_id
    from editions
    where dataset = 'zip_locality' and effective_to = cast(concat(cast(data_year as string), '-12-31') as date)

)

select
    indexed.benchmark_type,
    indexed.dataset,
    indexed.schedule_file_id,
    indexed.index_file_id,
    case when indexed.benchmark_type = 'professional' then zip_files.file_id end as zip_file_id,
    indexed.data_year,
    indexed.release,
    indexed.conversion_factor,
    indexed.effective_from,
    indexed.effective_to
from indexed
left join zip_files on indexed.data_year = zip_files.data_year
