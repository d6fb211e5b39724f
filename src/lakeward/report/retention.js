// Retention: outcomes and rates of the people that the slicers leave.
const RETENTION = rowsOf("retention");
const OUTCOMES = ["retained", "lapsed", "died", "disenrolled", "no_summary_year", "censored"];

const peopleWith = (rows, outcome) => sum(rows.filter((row) => row.outcome === outcome), "beneficiary_count");

function rates(label, rows) {
  const retained = peopleWith(rows, "retained");
  const lapsed = peopleWith(rows, "lapsed");
  const exposed = retained + lapsed;
  return {id: null, label, exposed, lapsed, retained, churn: share(lapsed, exposed), kept: share(retained, exposed)};
}

function drawRetention() {
  const picked = {
    cohort_year: chosen("ret-year"), state_code: chosen("ret-state"), facility_id: chosen("ret-facility"),
    age_band: chosen("ret-age"), sex: chosen("ret-sex"),
  };
  const fits = (row, but) => Object.entries(picked).every(([field, value]) =>
    field === but || value === ALL || String(row[field]) === value);
  const rows = RETENTION.filter((row) => fits(row));
  const all = rates("All", rows);
  const people = sum(rows, "beneficiary_count");
  const died = peopleWith(rows, "died");
  const censored = peopleWith(rows, "censored");
  showFacts("retention-facts", [
    ["Admitted", count(people), "each person once a year"],
    ["Still exposed", count(all.exposed), "alive and enrolled the whole next year"],
    ["Admitted again", percent(all.kept), `${count(all.retained)} of the exposed`],
    ["Lapse rate (“churn”)", percent(all.churn), `${count(all.lapsed)} of the exposed`],
    ["Not counted", count(people - all.exposed), `${count(died)} died, ${count(censored)} censored, ${count(people - all.exposed - died - censored)} not enrolled or unknown`],
  ]);
  const cohorts = [...grouped(rows, (row) => row.cohort_year)].sort(([a], [b]) => a - b);
  draw("retention-outcomes", cohorts.flatMap(([cohort, members]) => OUTCOMES.map((outcome, place) => {
    const found = peopleWith(members, outcome);
    return {cohort: String(cohort), outcome: outcome.replaceAll("_", " "), place, people: found,
      share: share(found, sum(members, "beneficiary_count"))};
  })).filter((row) => row.people));
  const lines = [...grouped(RETENTION.filter((row) => fits(row, "cohort_year")), (row) => row.cohort_year)]
    .sort(([a], [b]) => a - b).map(([cohort, members]) => [String(cohort), rates("", members)]);
  draw("retention-rates", lines.filter(([, rate]) => rate.exposed).flatMap(([cohort, rate]) => [
    {cohort, measure: "Admitted again", rate: rate.kept, exposed: rate.exposed},
    {cohort, measure: "Lapsed", rate: rate.churn, exposed: rate.exposed},
  ]));
  const large = (row) => row.exposed >= SMALLEST_GROUP;
  const states = [...grouped(rows, (row) => row.state_code ?? "Other or unknown")].map(([label, members]) => rates(label, members));
  draw("retention-states", states.filter(large).sort((a, b) => b.exposed - a.exposed || (a.label < b.label ? -1 : 1))
    .slice(0, REPORT.limits.states).sort((a, b) => b.churn - a.churn));
  const groupOf = (row) => `${row.age_band ?? "age unknown"}, ${row.sex ?? "sex unknown"}`;
  draw("retention-groups", [...grouped(rows, groupOf)].map(([label, members]) => rates(label, members)).filter(large)
    .sort((a, b) => Number(!a.label.startsWith("under")) - Number(!b.label.startsWith("under")) || (a.label < b.label ? -1 : 1)));
}

function startRetention() {
  const named = (field, all) => [[ALL, all], ...levels(RETENTION, field).map((value) => [String(value), String(value)])];
  offer("ret-year", named("cohort_year", "All years"));
  offer("ret-state", named("state_code", "All states"));
  const facilities = levels(RETENTION, "facility_id").filter((id) => id !== REST).map((id) => [id, placeLabel.facility_id(id)]);
  offer("ret-facility", [[ALL, "All facilities"], ...facilities, [REST, "All other facilities"]]);
  offer("ret-age", named("age_band", "All ages"));
  offer("ret-sex", named("sex", "Both"));
  for (const key of ["ret-year", "ret-state", "ret-facility", "ret-age", "ret-sex"]) slicer(key).addEventListener("change", drawRetention);
}
