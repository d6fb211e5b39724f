{{ census_facts('county', 'county_fips') }}
