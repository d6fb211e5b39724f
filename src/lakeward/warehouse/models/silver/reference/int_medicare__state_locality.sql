-- The localities that price a state's ZIP codes, and how much each weighs in the state's amount.
with periods as (

    select * from {{ ref('int_medicare__period') }}
    where benchmark_type = 'professional' and index_file_id is not null

),

gpci as (

    select * from {{ ref('stg_medicare__gpci') }}
    where reject_reasons is null

),

zip_counts as (

    select
        file_id,
        state,
        mac,
        locality_number,
        count(*) as zip_count
    from {{ ref('stg_medicare__zip_locality') }}
    where reject_reasons is null
    group by file_id, state, mac, locality_number

),

-- A suburb may be priced by the locality of the neighbouring state, so the state is that of the ZIP code.
by_zip as (

    select
        periods.effective_from,
        zip_counts.state,
        gpci.mac,
        gpci.locality_number,
        gpci.work_gpci,
        gpci.pe_gpci,
        gpci.mp_gpci,
        cast(zip_counts.zip_count as bigint) as weight,
        'zip_weighted_mean' as rule_of_several
    from periods
    inner join zip_counts on periods.zip_file_id = zip_counts.file_id
    inner join gpci
        on
            periods.index_file_id = gpci.file_id
            and zip_counts.mac = gpci.mac
            and zip_counts.locality_number = gpci.locality_number

),

by_name as (

    select
        periods.effective_from,
        gpci.state,
        gpci.mac,
        gpci.locality_number,
        gpci.work_gpci,
        gpci.pe_gpci,
        gpci.mp_gpci,
        cast(1 as bigint) as weight,
        'mean_of_localities' as rule_of_several
    from periods
    inner join gpci on periods.index_file_id = gpci.file_id
    where periods.zip_file_id is null

),

localities as (

    select * from by_zip
    union all
    select * from by_name

)

select
    effective_from,
    state,
    mac,
    locality_number,
    work_gpci,
    pe_gpci,
    mp_gpci,
    weight,
    case
        when count(*) over (partition by effective_from, state) = 1 then 'single_locality'
        else rule_of_several
    end as state_rate_rule
from localities
