{#- Great-circle distance in kilometres between two points given in degrees, on a sphere of the Earth's mean radius
    (6,371.0088 km, IUGG); within 0.5 % of the distance on the ellipsoid. -#}
{% macro great_circle_km(latitude, longitude, other_latitude, other_longitude) -%}
  2 * 6371.0088 * asin(sqrt(least(
    cast(1 as double),
    power(sin(radians({{ other_latitude }} - {{ latitude }}) / 2), 2)
    + cos(radians({{ latitude }})) * cos(radians({{ other_latitude }}))
    * power(sin(radians({{ other_longitude }} - {{ longitude }}) / 2), 2)
  )))
{%- endmacro %}
