{#- Published text as it is compared: trimmed, '' is null. -#}
{% macro clean_text(text) -%}nullif(trim({{ text }}), ''){%- endmacro %}

{#- A word of a fixed vocabulary: trimmed, lower case, '' is null. -#}
{% macro clean_word(text) -%}nullif(lower(trim({{ text }})), ''){%- endmacro %}

{#- The payer's name as it stands in paths and identifiers: lower case, everything but a-z and 0-9 becomes one hyphen. -#}
{% macro payer_slug(name) -%}
  nullif({{ regexp_replace_all(regexp_replace_all('lower(' ~ name ~ ')', '[^a-z0-9]+', '-'), '^-+|-+$', '') }}, '')
{%- endmacro %}

{#- The month of a date as payers write it: 2025-06-23, 2022-08-5, 2022-08-05T00:00:00-05:00, 2025/06, 202506, 20250623. -#}
{% macro year_month(text) -%}
  case
    when {{ regexp_like(text, '^[0-9]{4}[-/]?(0[1-9]|1[0-2])($|[^0-9]|[0-9]{2}($|[^0-9]))') }}
      then concat(substr({{ text }}, 1, 4), '-', {{ regexp_extract(text, '^[0-9]{4}[-/]?([0-9]{2})', 1) }})
    when {{ regexp_like(text, '^[0-9]{4}[-/][1-9]($|[-/])') }}
      then concat(substr({{ text }}, 1, 4), '-0', substr({{ text }}, 6, 1))
  end
{%- endmacro %}

{#- Dollars, dollars a day, or percent of the billed charge: what negotiated_rate counts. -#}
{% macro rate_unit(negotiated_type) -%}
  case {{ negotiated_type }} when 'percentage' then 'percent' when 'per diem' then 'usd_per_day' else 'usd' end
{%- endmacro %}

{#- md5 of columns joined by |, null as empty text: how the original system makes its identifiers. -#}
{% macro md5_of_columns(columns) -%}
  {%- set parts = [] -%}
  {%- for column in columns %}{% do parts.append("coalesce(" ~ column ~ ", '')") %}{% endfor -%}
  {{ md5_text("concat_ws('|', " ~ parts | join(', ') ~ ")") }}
{%- endmacro %}

{#- A part that the original identifier does not have, appended only when there is a value; % and | are escaped so that no
    two lists of parts read alike. -#}
{% macro optional_part(name, value) -%}
  case when {{ value }} is null then ''
    else concat('|{{ name }}=', replace(replace({{ value }}, '%', '%25'), '|', '%7C')) end
{%- endmacro %}

{#- The identity of a published price of one provider group: the thirteen parts of the original identifier, then the parts it
    lacked. A rate with more than four decimals is appended in full. -#}
{% macro fact_uid(rate='negotiated_rate') -%}
  {{ md5_text("concat(" ~ [
    "coalesce(state, '')", "'|'", "coalesce(year_month, '')", "'|'", "coalesce(payer_slug, '')", "'|'",
    "coalesce(billing_class, '')", "'|'", "coalesce(code_type, '')", "'|'", "coalesce(code, '')", "'|'",
    "coalesce(pg_uid, '')", "'|'", "coalesce(pos_set_id, '')", "'|'", "coalesce(negotiated_type, '')", "'|'",
    "coalesce(negotiation_arrangement, '')", "'|'", "coalesce(expiration_date, '')", "'|'",
    "coalesce(" ~ fixed4(rate) ~ ", '')", "'|'", "coalesce(provider_group_id_raw, '')",
    optional_part('modifier', 'billing_code_modifier'), optional_part('setting', 'setting'),
    optional_part('severity', 'severity_of_illness'), optional_part('code_version', 'code_type_version'),
    optional_part('information', 'additional_information'), optional_part('network', 'network_name'),
    optional_part('rate', "case when " ~ rate ~ " <> round(" ~ rate ~ ", 4) then " ~ fixed_decimals(rate, 10) ~ " end")
  ] | join(', ') ~ ")") }}
{%- endmacro %}

{#- A day as text; the time that some payers write behind it is cut off, anything else stays as published. -#}
{% macro published_day(text) -%}
  case when {{ regexp_like(text, '^ *[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]') }} then substr(trim({{ text }}), 1, 10)
    else {{ clean_text(text) }} end
{%- endmacro %}
