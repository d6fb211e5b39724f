with

line as (

    select
        *,
        row_number() over (
            partition by npi, deactivation_date
            order by report_date desc nulls last, source_file_id desc, source_record desc
        ) as line_place,
        count(*) over (partition by npi, deactivation_date) as line_count,
        max(report_date) over (partition by npi) as listed_date,
        max(report_date) over () as newest_report_date
    from {{ ref('stg_nppes__deactivation') }}
    where reject_reasons = ''

),

reported as (

    select
        npi,
        deactivation_date,
        coalesce(report_date, deactivation_date) as report_date,
        line_count,
        coalesce(listed_date < newest_report_date, false) as is_off_the_list,
        source_file_id,
        source_record
    from line
    where line_place = 1

),

version as (

    select * from {{ ref('int_providers__version') }}

),

-- The record that the report speaks of: the newest of that day or earlier. A record between that day and the day of the
-- report is meant too, unless it tells of a reactivation: then it is newer than what the report says.
with_record as (

    select
        reported.npi,
        reported.deactivation_date,
        reported.report_date,
        reported.line_count,
        reported.is_off_the_list,
        reported.source_file_id,
        reported.source_record,
        version.source_file_id as record_file_id,
        version.source_record as record_record,
        version.as_of_date as record_as_of_date,
        version.status as record_status,
        version.deactivation_date as record_deactivation_date,
        version.reactivation_date as record_reactivation_date,
        row_number() over (
            partition by reported.npi, reported.deactivation_date
            order by version.place nulls last
        ) as record_place
    from reported
    left join version
        on
            reported.npi = version.npi
            and (
                version.as_of_date is null
                or reported.deactivation_date >= version.as_of_date
                or (
                    reported.report_date >= version.as_of_date
                    and (version.reactivation_date is null or reported.deactivation_date > version.reactivation_date)
                )
            )

),

dated as (

    select
        *,
        greatest(deactivation_date, record_as_of_date) as valid_from
    from with_record
    where record_place = 1

),

newest_record as (

    select
        npi,
        as_of_date
    from version
    where is_current

)

select
    dated.npi,
    dated.deactivation_date,
    dated.report_date,
    dated.valid_from,
    -- The record may say so itself, or that the provider was taken back the same day.
    not coalesce(
        (dated.record_status = 'I' and dated.record_deactivation_date >= dated.deactivation_date)
        or dated.record_reactivation_date >= dated.deactivation_date,
        false
    ) as is_news,
    -- A report lists all: who left the list was taken back. Without a newer record nothing says when, so it counts as unsaid.
    dated.is_off_the_list and not coalesce(newest_record.as_of_date > dated.valid_from, false) as is_withdrawn,
    cast(dated.line_count as bigint) as line_count,
    dated.source_file_id,
    dated.source_record,
    dated.record_file_id,
    dated.record_record
from dated
left join newest_record on dated.npi = newest_record.npi
