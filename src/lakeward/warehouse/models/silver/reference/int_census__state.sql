{{ census_facts('state', 'state_fips') }}
