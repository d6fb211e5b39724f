{# What CMS's amounts look like as text, and how Medicare's money is rounded. Portable: DuckDB and Spark. #}


{# The text of a number as CMS writes it, without `$`, thousands separators and blanks; a lone `.` stands for none. #}
{% macro medicare_number_text(column) -%}
nullif(nullif(replace(replace(replace({{ column }}, '$', ''), ',', ''), ' ', ''), '.'), '')
{%- endmacro %}


{# A published number; null when the cell is blank or is no number. `medicare_rejects` names the cells of the latter kind. #}
{% macro medicare_number(column, precision=18, scale=4) -%}
try_cast({{ medicare_number_text(column) }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}


{# The reasons why a record is rejected, joined by commas; null for a good record. #}
{% macro medicare_rejects(key, numbers) -%}
nullif(concat_ws(',',
    case when {{ key }} is null then 'no_{{ key }}' end
    {%- for column in numbers %},
    case
        when {{ medicare_number_text(column) }} is not null and {{ medicare_number(column) }} is null then 'unreadable_{{ column }}'
    end
    {%- endfor %}
), '')
{%- endmacro %}


{# The code system by the shape of the code: four digits and a digit or letter is CPT, D and four digits CDT, else HCPCS. #}
{% macro medicare_code_type(code) -%}
case
    when length({{ code }}) = 5 and translate(substr({{ code }}, 1, 4), '0123456789', '') = '' then 'CPT'
    when length({{ code }}) = 5 and substr({{ code }}, 1, 1) = 'D' and translate(substr({{ code }}, 2, 4), '0123456789', '') = '' then 'CDT'
    else 'HCPCS'
end
{%- endmacro %}


{#
    The amount of the Physician Fee Schedule, to the cent, half up:
    (work * work GPCI + practice expense * PE GPCI + malpractice * MP GPCI) * conversion factor.
    Exact decimals of small precision, so that both engines agree on every half cent.
#}
{% macro medicare_professional_amount(work, pe, mp, work_gpci, pe_gpci, mp_gpci, factor) -%}
round(
    (
        cast({{ work }} as decimal(9, 2)) * cast({{ work_gpci }} as decimal(7, 3))
        + cast({{ pe }} as decimal(9, 2)) * cast({{ pe_gpci }} as decimal(7, 3))
        + cast({{ mp }} as decimal(9, 2)) * cast({{ mp_gpci }} as decimal(7, 3))
    ) * cast({{ factor }} as decimal(9, 4)),
    2
)
{%- endmacro %}


{# An amount whose labor share follows the wage index of the place, to the cent, half up. #}
{% macro medicare_wage_adjusted_amount(rate, labor_share, wage_index) -%}
round(
    cast({{ rate }} as decimal(12, 2))
    * (
        cast({{ labor_share }} as decimal(3, 2)) * cast({{ wage_index }} as decimal(9, 4))
        + cast(1 as decimal(3, 2)) - cast({{ labor_share }} as decimal(3, 2))
    ),
    2
)
{%- endmacro %}


{#
    numerator / denominator rounded half up to `scale` places, for a decimal that is not negative and a count.
    In whole numbers, because a quotient in floating point rounds its ties differently from engine to engine.
#}
{% macro medicare_rounded_mean(numerator, denominator, scale) -%}
cast(
    cast(
        floor(
            (2 * cast({{ numerator }} * {{ 10 ** scale }} as double) + cast({{ denominator }} as double))
            / (2 * cast({{ denominator }} as double))
        ) as bigint
    ) * cast({{ '0.' ~ '0' * (scale - 1) ~ '1' }} as decimal({{ scale + 1 }}, {{ scale }}))
    as decimal(18, 4)
)
{%- endmacro %}


{# The first month of a release, from the words that CMS publishes; a file that names none holds from January. #}
{% macro medicare_first_month(release) -%}
case {{ release }}
    {%- for name in ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] %}
    when '{{ name }}' then '{{ '%02d' % loop.index }}'
    {%- endfor %}
    when 'Q2' then '04'
    when 'Q3' then '07'
    when 'Q4' then '10'
    else '01'
end
{%- endmacro %}


{# The amount in a setting ('facility', 'non_facility'), not above the hospital's where the imaging cap applies. #}
{% macro medicare_capped_amount(setting, work_gpci, pe_gpci, mp_gpci) -%}
case
    when is_opps_capped then least(
        {{ medicare_professional_amount('work_rvu', setting ~ '_pe_rvu', 'mp_rvu', work_gpci, pe_gpci, mp_gpci, 'conversion_factor') }},
        {{ medicare_professional_amount('work_rvu', setting ~ '_pe_opps_rvu', 'mp_opps_rvu', work_gpci, pe_gpci, mp_gpci, 'conversion_factor') }}
    )
    else {{ medicare_professional_amount('work_rvu', setting ~ '_pe_rvu', 'mp_rvu', work_gpci, pe_gpci, mp_gpci, 'conversion_factor') }}
end
{%- endmacro %}


{# Whether a record says again what an earlier record of its file says: repeats are counted and left out. #}
{% macro medicare_is_repeat(content) -%}
row_number() over (partition by _file_id, {{ content | join(', ') }} order by _source_record) > 1
{%- endmacro %}
