{#- The one place where the two SQL dialects differ. Models call these and otherwise keep to what both engines read alike. -#}

{#- md5 of a text, 32 hex digits. -#}
{% macro md5_text(text) %}md5({{ text }}){% endmacro %}

{#- 64-bit hash of a text: only to compare rows of one engine with each other, never stored. -#}
{% macro hash_text(text) -%}
  {%- if target.type == 'spark' -%}xxhash64({{ text }}){%- else -%}hash({{ text }}){%- endif -%}
{%- endmacro %}

{#- A list of text as one text. Null stays null. -#}
{% macro list_join(list, separator) -%}
  {%- if target.type == 'spark' -%}array_join({{ list }}, '{{ separator }}'){%- else -%}array_to_string({{ list }}, '{{ separator }}'){%- endif -%}
{%- endmacro %}

{#- A list sorted, without repeats and nulls. Null stays null. -#}
{% macro list_sorted_distinct(list) -%}
  {%- if target.type == 'spark' -%}
    array_sort(array_distinct(filter({{ list }}, member -> member is not null)))
  {%- else -%}
    list_sort(list_distinct({{ list }}))
  {%- endif -%}
{%- endmacro %}

{#- A list without its nulls, in its order. -#}
{% macro list_without_nulls(list) -%}
  {%- if target.type == 'spark' -%}
    filter({{ list }}, member -> member is not null)
  {%- else -%}
    list_filter({{ list }}, lambda member: member is not null)
  {%- endif -%}
{%- endmacro %}

{#- Elements of a list; null for a null list. -#}
{% macro list_size(list) -%}
  case when {{ list }} is not null then cast({% if target.type == 'spark' %}size{% else %}len{% endif %}({{ list }}) as bigint) end
{%- endmacro %}

{#- Whether a list holds a value. -#}
{% macro list_has(list, value) -%}
  {%- if target.type == 'spark' -%}array_contains({{ list }}, {{ value }}){%- else -%}list_contains({{ list }}, {{ value }}){%- endif -%}
{%- endmacro %}

{#- An empty list of text. -#}
{% macro empty_list() -%}
  {%- if target.type == 'spark' -%}cast(array() as array<string>){%- else -%}cast([] as varchar[]){%- endif -%}
{%- endmacro %}

{#- A list of the values given, as SQL expressions of text. -#}
{% macro list_of(values) -%}
  {%- if target.type == 'spark' -%}array({{ values | join(', ') }}){%- else -%}[{{ values | join(', ') }}]{%- endif -%}
{%- endmacro %}

{#- A null that is a list of text. -#}
{% macro null_list() -%}
  cast(null as {{ list_of_string() }})
{%- endmacro %}

{#- The type of a list of text. -#}
{% macro list_of_string() -%}
  {%- if target.type == 'spark' -%}array<string>{%- else -%}varchar[]{%- endif -%}
{%- endmacro %}

{#- One row per element, placed right after FROM: `from t {{ explode('t.members', 'm', 'member') }}`. Empty and null lists give no row. -#}
{% macro explode(list, alias, column) -%}
  {%- if target.type == 'spark' -%}
    lateral view explode({{ list }}) {{ alias }} as {{ column }}
  {%- else -%}
    cross join unnest({{ list }}) as {{ alias }} ({{ column }})
  {%- endif -%}
{%- endmacro %}

{#- The distinct values of a column in a group as a sorted list; nulls are left out. -#}
{% macro collect_sorted(value) -%}
  {%- if target.type == 'spark' -%}
    array_sort(collect_set({{ value }}))
  {%- else -%}
    coalesce(list(distinct {{ value }} order by {{ value }}) filter (where {{ value }} is not null), [])
  {%- endif -%}
{%- endmacro %}

{#- Whether a text matches a pattern anywhere; anchor it with ^ and $. No backslashes: the dialects escape them differently. -#}
{% macro regexp_like(text, pattern) -%}
  {%- if target.type == 'spark' -%}({{ text }} rlike '{{ pattern }}'){%- else -%}regexp_matches({{ text }}, '{{ pattern }}'){%- endif -%}
{%- endmacro %}

{#- A group of the first match, '' when there is none. -#}
{% macro regexp_extract(text, pattern, group) -%}
  regexp_extract({{ text }}, '{{ pattern }}', {{ group }})
{%- endmacro %}

{#- Every match replaced. -#}
{% macro regexp_replace_all(text, pattern, replacement) -%}
  regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}'{% if not target.type == 'spark' %}, 'g'{% endif %})
{%- endmacro %}

{#- A text as a date by its format (YYYY-MM-DD, YYYYMMDD or MM/DD/YYYY); null when it does not match or is no day. -#}
{% macro parse_date(text, format) -%}
  {%- if format == 'YYYY-MM-DD' -%}
    case when {{ regexp_like(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }} then try_cast({{ text }} as date) end
  {%- elif format == 'YYYYMMDD' -%}
    case when {{ regexp_like(text, '^[0-9]{8}$') }}
      then try_cast(concat(substr({{ text }}, 1, 4), '-', substr({{ text }}, 5, 2), '-', substr({{ text }}, 7, 2)) as date) end
  {%- elif format == 'MM/DD/YYYY' -%}
    case when {{ regexp_like(text, '^[0-9]{2}/[0-9]{2}/[0-9]{4}$') }}
      then try_cast(concat(substr({{ text }}, 7, 4), '-', substr({{ text }}, 1, 2), '-', substr({{ text }}, 4, 2)) as date) end
  {%- else -%}
    {{ exceptions.raise_compiler_error("parse_date: unknown format " ~ format) }}
  {%- endif -%}
{%- endmacro %}

{#- A number as text with a fixed count of decimals, as printf writes it; null stays null, which Spark would write as text. -#}
{% macro fixed_decimals(number, decimals) -%}
  case when {{ number }} is not null then
    {%- if target.type == 'spark' %} format_string{% else %} printf{% endif %}('%.{{ decimals }}f', cast({{ number }} as double)) end
{%- endmacro %}

{#- '%.4f': how a rate stands in fact_uid. -#}
{% macro fixed4(number) -%}{{ fixed_decimals(number, 4) }}{%- endmacro %}

{#- A percentile, linear between neighbours, of a number as double. -#}
{% macro percentile(number, share) -%}
  percentile_cont({{ share }}) within group (order by cast({{ number }} as double))
{%- endmacro %}

{#- A text as double; null when it is no number. -#}
{% macro try_number(text) -%}try_cast({{ text }} as double){%- endmacro %}

{#- Several percentiles of a number in one pass over its values, as a list. -#}
{% macro percentiles(number, shares) -%}
  {%- if target.type == 'spark' -%}
    percentile(cast({{ number }} as double), array({{ shares | join(', ') }}))
  {%- else -%}
    quantile_cont(cast({{ number }} as double), [{{ shares | join(', ') }}])
  {%- endif -%}
{%- endmacro %}

{#- The element of a list at a position from 1. -#}
{% macro list_item(list, position) -%}
  {%- if target.type == 'spark' -%}{{ list }}[{{ position - 1 }}]{%- else -%}{{ list }}[{{ position }}]{%- endif -%}
{%- endmacro %}

{#- A bigint or double amount as exact money for control totals; null where it is beyond any price. -#}
{% macro money(amount) -%}try_cast(round({{ amount }}, 6) as decimal(26, 6)){%- endmacro %}

{#- Columns to order by where nulls may stand: first, on both engines. -#}
{% macro nulls_first(columns) -%}
  {%- for column in columns %}{{ column }} nulls first{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{#- Whole days from one date to another, negative when it comes before; null when either is unknown. -#}
{% macro days_between(first, last) -%}
  {%- if target.type == 'spark' -%}datediff({{ last }}, {{ first }}){%- else -%}date_diff('day', {{ first }}, {{ last }}){%- endif -%}
{%- endmacro %}

{#- One row per day from one date to another, both included, placed right after FROM as `explode` is. -#}
{% macro explode_days(first, last, alias, column) -%}
  {%- if target.type == 'spark' -%}
    lateral view explode(sequence({{ first }}, {{ last }}, interval 1 day)) {{ alias }} as {{ column }}
  {%- else -%}
    cross join unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as {{ alias }} ({{ column }})
  {%- endif -%}
{%- endmacro %}
