{% set benchmarks = {'professional': 'prof', 'opps': 'opps', 'asc': 'asc'} -%}
{% for benchmark_type, short_name in benchmarks.items() %}
    select
        benchmark_type,
        code_type,
        code,
        modifier,
        setting,
        state,
        effective_from,
        effective_to,
        data_year,
        release,
        {{ 'status_code' if benchmark_type == 'professional' else 'opps_si' if benchmark_type == 'opps' else 'asc_pi' }} as status_code,
        conversion_factor,
        medicare_{{ short_name }}_national as medicare_national_rate,
        medicare_{{ short_name }}_stateavg as medicare_state_rate,
        medicare_{{ short_name }}_state_min as medicare_state_rate_min,
        medicare_{{ short_name }}_state_max as medicare_state_rate_max,
        n_localities,
        state_rate_rule,
        '2.0' as table_version
    from {{ ref('bench_medicare_' ~ benchmark_type) }}
    {% if not loop.last %}union all{% endif %}
{%- endfor %}
