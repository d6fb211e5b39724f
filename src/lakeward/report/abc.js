// ABC: ranking, curve and classes of the chosen period, and the drill from major category to facility.
const ABC_CLASSES = ["A", "B", "C", "N"];
const DRG_TITLES = new Map(rowsOf("drgs").map((row) => [row.drg_code, row]));
const FACILITIES = new Set(rowsOf("facilities").map((row) => row.facility_id));
// A facility that is named within one DRG only is, as a choice, one of the rest.
const PLACES = rowsOf("places").map((row) => ({...row, place_id: FACILITIES.has(row.facility_id) ? row.facility_id : REST}));
const DRG_MONTHS = rowsOf("drg_months");
const ABC = {top: rowsOf("abc_top"), curve: rowsOf("abc_curve"), classes: rowsOf("abc_classes")};
const ENTITY_NAMES = {drg: "DRGs", facility: "Facilities", beneficiary: "People"};

function drgLabel(code) {
  if (code === REST) return "All other DRGs";
  if (code === NOT_STATED) return "DRG not stated";
  const title = DRG_TITLES.get(code)?.drg_title;
  return title ? `${code} ${title}` : code;
}

// The rule of mart_claims_abc, for a month, which the mart does not hold.
function classify(rows) {
  const ranked = [...rows].sort((a, b) => b.paid - a.paid || (a.id < b.id ? -1 : 1));
  const positive = ranked.reduce((total, row) => total + Math.max(0, cents(row.paid)), 0);
  let before = 0;
  return ranked.map((row, at) => {
    const paid = cents(row.paid);
    const cumulativeBefore = positive ? (100 * before) / positive : 0;
    if (paid > 0) before += paid;
    const grade = paid <= 0 ? "N" : cumulativeBefore < 80 ? "A" : cumulativeBefore < 95 ? "B" : "C";
    return {
      ...row, rank: at + 1, class: grade, share: paid > 0 ? (100 * paid) / positive : null,
      cumulative: positive ? (100 * before) / positive : null, entities: (100 * (at + 1)) / ranked.length,
    };
  });
}

function abcOfMonth(month) {
  const inMonth = DRG_MONTHS.filter((row) => row.service_month === month);
  const ranked = classify(inMonth.map((row) => ({
    id: row.drg_code, label: drgLabel(row.drg_code), paid: row.paid_amount_usd, claims: row.claim_count,
  })));
  const classes = [...grouped(ranked, (row) => row.class)].map(([name, rows]) => ({
    class: name, entities: rows.length, claims: sum(rows, "claims"), paid: rows.reduce((t, r) => t + cents(r.paid), 0) / 100,
  }));
  return {top: ranked.slice(0, REPORT.limits.entities), curve: ranked.filter((row) => row.class !== "N"), classes};
}

function abcOfPeriod(entity, period) {
  const here = (row) => row.entity_type === entity && row.period === period;
  const top = ABC.top.filter(here).map((row) => ({
    id: row.entity_id, label: entity === "drg" ? drgLabel(row.entity_id) : row.entity_name ?? row.entity_id, rank: row.rank_number,
    class: row.abc_class, paid: row.paid_amount_usd, claims: row.claim_count, share: row.share_pct,
    cumulative: row.cumulative_pct,
  }));
  const curve = ABC.curve.filter(here).map((row) => ({
    rank: row.rank_number, entities: row.entities_pct, cumulative: row.cumulative_pct, class: row.abc_class,
  }));
  const classes = ABC.classes.filter(here).map((row) => ({
    class: row.abc_class, entities: row.entities, claims: row.claim_count, paid: row.paid_amount_usd,
  }));
  return {top, curve, classes};
}

function drawAbc() {
  const entity = chosen("abc-entity");
  const year = chosen("abc-year");
  const monthly = entity === "drg" && /^\d{4}$/.test(year);
  slicer("abc-month").disabled = !monthly;
  if (!monthly) slicer("abc-month").value = ALL;
  const month = chosen("abc-month");
  const found = month ? abcOfMonth(`${year}-${month}-01`) : abcOfPeriod(entity, year);
  const classes = ABC_CLASSES.map((name) => found.classes.find((row) => row.class === name)).filter(Boolean);
  const entities = sum(classes, "entities");
  const positive = sum(classes.filter((row) => row.class !== "N"), "paid");
  const total = classes.reduce((all, row) => all + cents(row.paid), 0) / 100;
  const first = classes.find((row) => row.class === "A");
  const none = classes.find((row) => row.class === "N");
  showFacts("abc-facts", [
    ["Paid amount", shortMoney(total), `${money(total)}, reversals included`],
    [`${ENTITY_NAMES[entity]} ranked`, count(entities), `${count(sum(classes, "claims"))} claims`],
    [`${ENTITY_NAMES[entity]} in class A`, count(first?.entities ?? 0), `${percent(share(first?.entities ?? 0, entities))} of all`],
    ["What class A was paid", percent(share(first?.paid ?? 0, positive)), "of the positive total"],
    ["Class N", count(none?.entities ?? 0), "paid nothing in sum, or reversed"],
  ]);
  const columns = [
    {field: "class", label: "Class", kind: "text"}, {field: "entities", label: ENTITY_NAMES[entity], kind: "count"},
    {field: "part", label: "Of all", kind: "percent"}, {field: "claims", label: "Claims", kind: "count"},
    {field: "paid", label: "Paid, USD", kind: "cents"}, {field: "share", label: "Of the positive total", kind: "percent"},
  ];
  const described = classes.map((row) => ({
    ...row, part: share(row.entities, entities), share: row.class === "N" ? null : share(row.paid, positive),
  }));
  described.push({class: "All", entities, part: entities ? 100 : null, claims: sum(classes, "claims"), paid: total, share: null});
  document.getElementById("abc-classes").replaceChildren(tableOf(columns, described));
  draw("abc-ranking", found.top, (id) => entityClicked(id));
  draw("abc-curve", found.curve);
  drawDrill();
}

function entityClicked(id) {
  if (chosen("abc-entity") !== "drg" || !DRG_TITLES.has(id)) return;
  slicer("drill-year").value = ALL;
  choose("drill-year", chosen("abc-year"));
  choose("drill-mdc", ALL);
  offerDrgs();
  choose("drill-drg", id);
  drawDrill();
  document.getElementById("drill").scrollIntoView({behavior: "smooth"});
}

const placeLabel = {
  mdc_code: (value) => (value == null ? "MDC unknown" : value === "PRE" ? "Pre-MDC" : `MDC ${value}`),
  drg_code: drgLabel,
  facility_id: (value) => (value === REST ? "All other facilities" : value === NOT_STATED ? "Facility not stated" : value),
  state_code: (value) => value ?? "Other or unknown",
};

function bars(rows, field, most = BARS) {
  const found = [...grouped(rows, (row) => row[field])].map(([id, members]) => ({
    id: id ?? "", label: placeLabel[field](id), paid: paidOf(members), claims: sum(members, "claim_count"),
    beyond: id === REST,
  }));
  found.sort((a, b) => a.beyond - b.beyond || b.paid - a.paid || (a.label < b.label ? -1 : 1));
  const named = found.filter((row) => !row.beyond);
  const shown = [...named.slice(0, most), ...found.filter((row) => row.beyond)];
  const left = named.slice(most);
  if (left.length) {
    const paid = left.reduce((total, row) => total + cents(row.paid), 0) / 100;
    shown.push({id: null, label: `${count(left.length)} more, together`, paid, claims: sum(left, "claims"), beyond: true});
  }
  return shown.map((row) => ({...row, average: row.claims ? row.paid / row.claims : null}));
}

function offerDrgs() {
  const mdc = chosen("drill-mdc");
  const named = new Set(PLACES.map((row) => row.drg_code));
  const fitting = [...DRG_TITLES.keys()].filter((code) => named.has(code) && (!mdc || DRG_TITLES.get(code).mdc_code === mdc));
  const options = fitting.sort().map((code) => [code, drgLabel(code)]);
  offer("drill-drg", [[ALL, "All DRGs"], ...options, [REST, "All other DRGs"]]);
}

function drawDrill() {
  const picked = {
    service_year: chosen("drill-year"), mdc_code: chosen("drill-mdc"), drg_code: chosen("drill-drg"),
    state_code: chosen("drill-state"), place_id: chosen("drill-facility"),
  };
  const rows = PLACES.filter((row) =>
    Object.entries(picked).every(([field, value]) => value === ALL || String(row[field]) === value));
  const level = picked.drg_code ? "facility_id" : picked.mdc_code ? "drg_code" : "mdc_code";
  const paid = paidOf(rows);
  const claims = sum(rows, "claim_count");
  const all = paidOf(PLACES);
  showFacts("drill-facts", [
    ["Paid amount", shortMoney(paid), `${percent(share(paid, all))} of everything`],
    ["Claims", count(claims), "each once, by its first segment"],
    ["Paid per claim", dollars(claims ? paid / claims : null), "reversals included"],
    ["Utilization days per claim", claims ? (sum(rows, "utilization_days") / claims).toFixed(1) : "–", "days Medicare counted"],
  ]);
  showCrumbs(picked);
  draw("drill-level", bars(rows, level), (id) => drillInto(id));
  draw("drill-states", bars(rows, "state_code"), (id) => { choose("drill-state", id); drawDrill(); });
}

function drillInto(id) {
  if (chosen("drill-drg")) choose("drill-facility", id);
  else if (chosen("drill-mdc")) choose("drill-drg", id);
  else { choose("drill-mdc", id); offerDrgs(); }
  drawDrill();
}

function showCrumbs(picked) {
  const place = document.getElementById("drill-crumbs");
  const steps = [["All categories", () => { choose("drill-mdc", ALL); offerDrgs(); choose("drill-drg", ALL); choose("drill-facility", ALL); }]];
  if (picked.mdc_code) steps.push([placeLabel.mdc_code(picked.mdc_code), () => { choose("drill-drg", ALL); choose("drill-facility", ALL); }]);
  if (picked.drg_code) steps.push([drgLabel(picked.drg_code), () => choose("drill-facility", ALL)]);
  if (picked.place_id) steps.push([placeLabel.facility_id(picked.place_id), () => {}]);
  place.replaceChildren();
  steps.forEach(([label, back], at) => {
    if (at) place.append(" › ");
    if (at === steps.length - 1) return place.append(element("strong", label));
    const button = element("button", label, {type: "button"});
    button.addEventListener("click", () => { back(); drawDrill(); });
    place.append(button);
  });
}

function startAbc() {
  const periods = levels(ABC.classes, "period").filter((period) => period !== "all");
  offer("abc-entity", [["drg", "DRGs"], ["facility", "Facilities"], ["beneficiary", "People (by rank)"]]);
  offer("abc-year", [["all", "All years"], ...periods.map((period) => [period, period === NOT_STATED ? "Without a date" : period])]);
  offer("abc-month", [[ALL, "All months"], ...MONTHS.map((name, at) => [String(at + 1).padStart(2, "0"), name])]);
  const years = levels(PLACES, "service_year").map((year) => [String(year), String(year)]);
  offer("drill-year", [[ALL, "All years"], ...years]);
  offer("drill-mdc", [[ALL, "All categories"], ...levels(PLACES, "mdc_code").map((code) => [code, placeLabel.mdc_code(code)])]);
  offerDrgs();
  offer("drill-state", [[ALL, "All states"], ...levels(PLACES, "state_code").map((code) => [code, code])]);
  const facilities = [...FACILITIES].sort().map((id) => [id, placeLabel.facility_id(id)]);
  offer("drill-facility", [[ALL, "All facilities"], ...facilities, [REST, "All other facilities"]]);
  for (const key of ["abc-entity", "abc-year", "abc-month"]) slicer(key).addEventListener("change", drawAbc);
  for (const key of ["drill-year", "drill-drg", "drill-state", "drill-facility"]) slicer(key).addEventListener("change", drawDrill);
  slicer("drill-mdc").addEventListener("change", () => { offerDrgs(); drawDrill(); });
}
