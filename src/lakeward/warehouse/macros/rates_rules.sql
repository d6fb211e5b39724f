{#- Why a published price is not a fact. One list, evaluated where its columns first stand together: a release, a code, the terms
    of a price, the group, or the rate itself. A name ends up in quarantine_fact_rate.reasons. -#}
{% macro rejection_rules(subject) -%}
  {%- set rules = {
    'release': [
      ['payer_missing', "payer_slug is null"],
      ['year_month_missing', "year_month is null"],
      ['state_unknown', "state not in (" ~ state_codes() ~ ")"],
    ],
    'code': [
      ['code_type_missing', "code_type is null"],
      ['code_missing', "code is null"],
      ['code_format', "not (" ~ code_format_is_good() ~ ")"],
      ['negotiation_arrangement_missing', "negotiation_arrangement is null"],
      ['negotiation_arrangement_unknown', "negotiation_arrangement not in ('ffs', 'bundle', 'capitation')"],
    ],
    'term': [
      ['negotiated_type_missing', "negotiated_type is null"],
      ['negotiated_type_unknown',
        "negotiated_type not in ('negotiated', 'derived', 'fee schedule', 'percentage', 'per diem')"],
      ['billing_class_missing', "billing_class is null"],
      ['billing_class_unknown', "billing_class not in ('professional', 'institutional', 'both')"],
      ['setting_unknown', "setting not in ('inpatient', 'outpatient', 'both')"],
      ['expiration_date_invalid', "expiration_date is not null and " ~ parse_date('expiration_date', 'YYYY-MM-DD') ~ " is null"],
    ],
    'group': [
      ['provider_group_missing', "pg_uid is null"],
    ],
    'rate': [
      ['rate_missing', "negotiated_rate is null"],
      ['rate_negative', "negotiated_rate < 0"],
      ['rate_zero', "negotiated_rate = 0"],
      ['rate_below_minimum', "negotiated_rate > 0 and negotiated_rate < " ~ var('rate_min')],
      ['rate_above_maximum', "rate_unit <> 'percent' and negotiated_rate > " ~ var('rate_max')],
      ['percent_above_maximum', "rate_unit = 'percent' and negotiated_rate > " ~ var('percent_max')],
    ],
  } -%}
  {{ return(rules[subject]) }}
{%- endmacro %}

{#- The names of the rules a row breaks, joined by commas; null when it breaks none. -#}
{% macro broken_rules(subject) -%}
  nullif(concat_ws(','
  {%- for name, condition in rejection_rules(subject) -%}
    , case when {{ condition }} then '{{ name }}' end
  {%- endfor -%}
  ), '')
{%- endmacro %}

{#- The shape that a code of a known type has; an unknown type passes and is reported by the quality rules. CSTM-00 is all codes.
    CPT and HCPCS share a shape because payers file either under either. -#}
{% macro code_format_is_good() -%}
  {%- set shapes = {
    'CPT': '[0-9A-Z][0-9]{3}[0-9A-Z]', 'HCPCS': '[0-9A-Z][0-9]{3}[0-9A-Z]', 'CDT': 'D[0-9]{4}', 'MS-DRG': '[0-9]{1,4}',
    'RC': '[0-9]{3,4}', 'NDC': '[0-9*]{4,5}-?[0-9*]{3,4}-?[0-9*]{1,2}', 'ICD': '[A-Z0-9.]{3,8}', 'HIPPS': '[A-Z0-9]{5}', 'APC': '[0-9]{1,5}',
    'EAPG': '[0-9]{1,5}', 'APR-DRG': '[0-9]{3,4}(-[0-9])?'
  } -%}
  code is null or code_type is null or code = 'CSTM-00' or case code_type
  {%- for code_type, shape in shapes.items() %} when '{{ code_type }}' then {{ regexp_like('code', '^' ~ shape ~ '$') }}
  {%- endfor %} else true end
{%- endmacro %}

{#- States, the District of Columbia and territories by their postal codes, as quoted SQL text. -#}
{% macro state_codes() -%}
  {%- set codes = ('AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI '
    ~ 'SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI').split(' ') -%}
  {{ return("'" ~ codes | join("', '") ~ "'") }}
{%- endmacro %}
