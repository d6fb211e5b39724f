// Gaps: the counties of the map, the worst of them, densities and coverage of what is chosen.
const VERDICTS = REPORT.limits.verdicts;
const COUNTIES = new Map(rowsOf("counties").map((row) => [row.county_fips, row]));
const GAPS = rowsOf("gaps");
const DENSITY = rowsOf("density");
const STATES = rowsOf("states");
const COVERAGE = {
  covered: "covered", registry_incomplete: "registry is an extract", no_population: "residents unknown, or none",
};
const BASES = {
  individuals: "people, each once in a county", all_registrations: "people and organisations",
  fractional: "people by share of addresses",
};
const COVERAGE_COLUMNS = [
  {field: "state_name", label: "State", kind: "text"}, {field: "coverage", label: "Coverage", kind: "text"},
  {field: "counties", label: "Counties", kind: "count"}, {field: "population", label: "Residents", kind: "count"},
  {field: "individuals_active", label: "Active people", kind: "count"},
  {field: "registered_per_100000", label: "Per 100,000", kind: "amount"},
  {field: "unplaced_providers", label: "In no county", kind: "count"},
  {field: "unplaced_share_pct", label: "Unplaced", kind: "percent"},
];

const amounts = new Intl.NumberFormat("en-US", {maximumFractionDigits: 2});
const amount = (value) => (value == null ? "–" : amounts.format(value));
written.amount = amount;
const spoken = (key) => key.replaceAll("_", " ");
const titled = (key) => spoken(key).replace(/^./, (first) => first.toUpperCase());
const plural = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

function shortageOf(row) {
  if (row.verdict === VERDICTS.none) return "no shortage by the limit";
  const psychiatrists = row.psychiatrists_short == null ? "" : `, ${amount(row.psychiatrists_short)} psychiatrists`;
  return `${amount(row.providers_short)} providers${psychiatrists}`;
}

function countyRow(row, ranked) {
  const county = COUNTIES.get(row.county_fips);
  const name = `${county.county_name}, ${county.state}`;
  const ratio = row.providers > 0 && county.population != null ? county.population / row.providers : null;
  return {
    county: row.county_fips, state: county.state, place_name: name, label: `${row.rank_in_nation}. ${name}`,
    short_name: county.county_name.replace(/ County$/, ""), longitude: county.longitude, latitude: county.latitude, residents: county.population,
    providers: row.providers, possible: row.providers_possible, ratio, verdict: row.verdict,
    per_provider: ratio == null ? "nobody placed there" : count(ratio), short: row.providers_short,
    shortage: shortageOf(row), rank: row.rank_in_nation, standing: `${count(row.rank_in_nation)} of ${count(ranked)}`,
    spread: `${count(row.rank_worst)} to ${count(row.rank_best)}, ${row.is_rank_stable ? "stable" : "not stable"}`,
    remark: row.verdict === VERDICTS.certain ? `● ${row.verdict}` : row.verdict,
  };
}

// Names to find the way by: large counties, far enough from each other for their names to be read.
function landmarks(rows) {
  const extent = (field) => Math.max(...rows.map((row) => row[field])) - Math.min(...rows.map((row) => row[field])) || 1;
  const [width, height] = [extent("longitude"), extent("latitude")];
  const apart = (a, b) => Math.abs(a.longitude - b.longitude) > width / 5 || Math.abs(a.latitude - b.latitude) > height / 9;
  const named = [];
  for (const row of rows) if (named.length < REPORT.limits.landmarks && named.every((other) => apart(row, other))) named.push(row);
  return rows.map((row) => ({...row, landmark: named.includes(row) ? row.short_name : ""}));
}

function drawGaps() {
  const [discipline, basis, state] = [chosen("gap-discipline"), chosen("gap-basis"), chosen("gap-state")];
  const counted = GAPS.filter((row) => row.discipline === discipline && row.denominator_basis === basis);
  const rows = counted.map((row) => countyRow(row, counted.length)).filter((row) => state === ALL || row.state === state);
  const having = (verdict) => rows.filter((row) => row.verdict === verdict);
  const [certain, possible] = [having(VERDICTS.certain), having(VERDICTS.possible)];
  const people = sum(rows, "residents");
  const living = (some) => `${percent(share(sum(some, "residents"), people))} of residents live there`;
  const left = rowsOf("left_out");
  showFacts("gaps-facts", [
    ["Covered counties", count(rows.length), `${count(people)} residents`],
    ["Certain gaps", count(certain.length), living(certain)],
    ["Possible gaps", count(possible.length), living(possible)],
    ["No gap", count(having(VERDICTS.none).length), "by this way of counting"],
    ["Counties not covered", count(sum(left, "counties")),
      left.map((row) => `${count(row.counties)}: ${COVERAGE[row.coverage_status] ?? spoken(row.coverage_status)}`).join("; ") || "none"],
  ]);
  const placed = rows.filter((row) => row.longitude != null && row.latitude != null && !REPORT.limits.offMap.includes(row.state));
  draw("gap-map", landmarks(placed.sort((a, b) => b.residents - a.residents || (a.county < b.county ? -1 : 1))));
  draw("gap-worst", [...rows].sort((a, b) => a.rank - b.rank || (a.county < b.county ? -1 : 1)).slice(0, REPORT.limits.worst));
  const unplaced = rows.length - placed.length;
  document.getElementById("gap-map-rest").textContent =
    `Not drawn: ${plural(sum(left, "counties"), "county that is", "counties that are")} not covered` +
    (unplaced ? `, and ${plural(unplaced, "covered county", "covered counties")} without a point on this map.` : ".");
}

function densityRow(row, label) {
  return {
    label, density: row.providers_per_100000, people: row.providers_registered, organizations: row.organizations_registered,
    ratio: row.population_per_provider,
    per_provider: row.population_per_provider == null ? "nobody registered" : count(row.population_per_provider),
  };
}

function drawDensity() {
  const [state, group] = [chosen("density-state"), chosen("density-group")];
  const densest = (rows) => rows.sort((a, b) => b.density - a.density || (a.label < b.label ? -1 : 1));
  draw("density-groups", densest(DENSITY.filter((row) => row.state === state)
    .map((row) => densityRow(row, titled(row.specialty_group)))));
  draw("density-states", densest(DENSITY.filter((row) => row.specialty_group === group)
    .map((row) => densityRow(row, row.state_name))));
}

function drawCoverage() {
  const loaded = STATES.filter((row) => row.counties > 0 || row.individuals_active > 0);
  const rows = loaded.map((row) => ({...row, coverage: COVERAGE[row.coverage_status] ?? spoken(row.coverage_status)}));
  document.getElementById("coverage-table").replaceChildren(tableOf(COVERAGE_COLUMNS, rows));
  document.getElementById("coverage-rest").textContent = STATES.length > loaded.length
    ? `Not listed: ${plural(STATES.length - loaded.length, "state or territory", "states and territories")} of which nothing is loaded.` : "";
}

function startGaps() {
  // A lake in which no state is covered has a page that says so.
  const any = (options) => (options.length ? options : [[ALL, "None covered"]]);
  const named = (values) => any(values.map((value) => [value, titled(value)]));
  const states = [...new Map(DENSITY.map((row) => [row.state, row.state_name]))];
  const first = (values, wanted) => [...values].sort((a, b) => Number(b === wanted) - Number(a === wanted));
  offer("gap-discipline", named(first(levels(GAPS, "discipline"), "primary_care")));
  offer("gap-basis", Object.entries(BASES));
  offer("gap-state", [[ALL, "All covered states"], ...states]);
  offer("density-state", any(states));
  offer("density-group", named(first(levels(DENSITY, "specialty_group"), "primary_care")));
  for (const key of ["gap-discipline", "gap-basis", "gap-state"]) slicer(key).addEventListener("change", drawGaps);
  for (const key of ["density-state", "density-group"]) slicer(key).addEventListener("change", drawDensity);
}

const RESETS = {gaps: drawGaps, density: drawDensity};
function show() {
  drawGaps();
  drawDensity();
  drawCoverage();
}
startGaps();
