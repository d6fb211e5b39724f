{#- An amount as the DE-SynPUF writes it, dollars and cents; null where the text is anything else. -#}
{% macro synpuf_amount(column) -%}
case when {{ regexp_like(column, '^-?[0-9]{1,12}([.][0-9]{1,2})?$') }} then try_cast({{ column }} as decimal(14, 2)) end
{%- endmacro %}

{#- A count of days or segments; null where the text is no whole number. -#}
{% macro synpuf_count(column) -%}
case when {{ regexp_like(column, '^[0-9]{1,4}$') }} then try_cast({{ column }} as int) end
{%- endmacro %}

{#- Months of a year, '7', '07' or '12'; null where the text is anything else. -#}
{% macro synpuf_months(column) -%}
case when {{ regexp_like(column, '^(0?[0-9]|1[0-2])$') }} then try_cast({{ column }} as int) end
{%- endmacro %}

{#- A reason when there is text that could not be read, else null. -#}
{% macro unreadable_reason(column, parsed, reason) -%}
case when {{ column }} is not null and {{ parsed }} is null then '{{ reason }}' end
{%- endmacro %}

{#- The release that a sample is: synpuf.sample-01. -#}
{% macro synpuf_release(sample_number) -%}
concat('synpuf.sample-', case when {{ sample_number }} < 10 then '0' else '' end, cast({{ sample_number }} as string))
{%- endmacro %}

{#- A row's values as one text, to tell an exact repeat from another row with the same key. -#}
{% macro synpuf_content(columns) -%}
concat(
    {%- for column in columns %}
    coalesce(cast({{ column }} as string), ''){{ ", '|', " if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{#- An ICD-9 code as coders write it: the dot after the category, which E codes end one character later. -#}
{% macro icd9_dotted(code, category_length) -%}
case
    when length({{ code }}) > {{ category_length }}
        then concat(substr({{ code }}, 1, {{ category_length }}), '.', substr({{ code }}, {{ category_length }} + 1))
    else {{ code }}
end
{%- endmacro %}

{#- Conditions that a beneficiary summary flags, end-stage renal disease first: each is the column has_…. -#}
{% macro claims_conditions() -%}
{{ return([
    'esrd', 'alzheimers', 'heart_failure', 'kidney_disease', 'cancer', 'copd', 'depression', 'diabetes', 'ischemic_heart_disease',
    'osteoporosis', 'arthritis', 'stroke',
]) }}
{%- endmacro %}

{#- Amounts of a beneficiary summary: who paid, for which kind of claim. -#}
{% macro claims_summary_amounts() -%}
{%- set amounts = [] -%}
{%- for kind in ['inpatient', 'outpatient', 'carrier'] -%}
  {%- for payer in ['reimbursement', 'beneficiary', 'primary_payer'] -%}
    {%- do amounts.append(kind ~ '_' ~ payer ~ '_usd') -%}
  {%- endfor -%}
{%- endfor -%}
{{ return(amounts) }}
{%- endmacro %}

{#- The codebook's word for a sex or race code; null for a code that it does not have. -#}
{% macro synpuf_sex(code) -%}case {{ code }} when '1' then 'male' when '2' then 'female' end{%- endmacro %}

{% macro synpuf_race(code) -%}
case {{ code }} when '1' then 'white' when '2' then 'black' when '3' then 'other' when '5' then 'hispanic' end
{%- endmacro %}
