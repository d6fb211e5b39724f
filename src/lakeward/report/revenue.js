// Revenue: months of all claims as the mart has them, or of one DRG with the same rules.
const REVENUE = rowsOf("revenue").filter((row) => row.service_month != null);
const UNDATED = rowsOf("revenue").filter((row) => row.service_month == null);

// Days are dates of a calendar, not moments: noon of the reader's own zone never slips into the month before.
const dateOf = (month) => { const [year, number] = month.split("-").map(Number); return new Date(year, number - 1, 1, 12).getTime(); };
const monthName = (month) => `${MONTHS[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;

function monthsOf(drg) {
  if (!drg) return REVENUE.map((row) => ({...row, trailing: row.trailing_three_month_paid_usd, runrate: row.arr_run_rate_usd,
    members: row.member_months, pmpm: row.pmpm_usd, paidInYear: row.calendar_year_paid_usd, change: row.year_over_year_pct}));
  const own = new Map(DRG_MONTHS.filter((row) => row.drg_code === drg).map((row) => [row.service_month, row]));
  const rows = REVENUE.map((row) => ({...row, members: row.member_months, paid_amount_usd: own.get(row.service_month)?.paid_amount_usd ?? 0,
    claim_count: own.get(row.service_month)?.claim_count ?? 0}));
  const byMonth = new Map(rows.map((row) => [row.service_month, row]));
  return rows.map((row, at) => {
    const trailing = at < 2 ? null : paidOf(rows.slice(at - 2, at + 1));
    const before = byMonth.get(`${row.service_year - 1}${row.service_month.slice(4)}`);
    return {...row, trailing, runrate: trailing == null ? null : trailing * 4,
      pmpm: row.members ? row.paid_amount_usd / row.members : null,
      paidInYear: paidOf(rows.filter((other) => other.service_year === row.service_year)),
      change: before?.paid_amount_usd > 0 ? 100 * (row.paid_amount_usd / before.paid_amount_usd - 1) : null};
  });
}

function drawRevenue() {
  const year = chosen("rev-year");
  const month = chosen("rev-month");
  const drg = chosen("rev-drg");
  const every = monthsOf(drg);
  const inChoice = (row) => (!year || String(row.service_year) === year) && (!month || String(row.month_number) === month);
  const rows = every.filter(inChoice);
  const drawn = rows.map((row) => ({
    month: dateOf(row.service_month), name: monthName(row.service_month), short: MONTHS[row.month_number - 1],
    year: String(row.service_year), paid: row.paid_amount_usd, claims: row.claim_count, trailing: row.trailing,
    average: row.trailing == null ? null : row.trailing / 3, runrate: row.runrate, pmpm: row.pmpm, members: row.members,
    change: row.change, paidInYear: row.paidInYear, partial: Boolean(row.is_partial_month),
    state: row.is_partial_month ? "partial data" : "whole month",
  }));
  const full = drawn.filter((row) => !row.partial);
  const last = full.at(-1);
  // Claims without any date have no month to be drawn in; without a choice of time they count all the same.
  const undated = year || month || drg ? [] : UNDATED;
  const paid = paidOf([...rows, ...undated]);
  const members = sum(rows.filter((row) => !row.is_partial_month), "members");
  showFacts("revenue-facts", [
    ["Paid amount", shortMoney(paid), `${money(paid)}, reversals included`],
    ["Claims", count(sum([...rows, ...undated], "claim_count")), `in ${count(rows.length)} months${undated.length ? " and without a date" : ""}`],
    ["Paid per member month", money(members ? paidOf(rows.filter((row) => !row.is_partial_month)) / members : null), `${count(members)} member months`],
    ["Annual run rate", shortMoney(last?.runrate), last ? `three months to ${last.name}, times four` : "no whole month chosen"],
    ["Against the year before", last?.change == null ? "–" : `${last.change > 0 ? "+" : "−"}${Math.abs(last.change).toFixed(1)} %`, last ? `${last.name}, that month alone` : ""],
  ]);
  draw("revenue-months", drawn);
  draw("revenue-runrate", full.flatMap((row) => [
    {month: row.month, name: row.name, measure: "run rate: three months × 4", amount: row.runrate},
    {month: row.month, name: row.name, measure: "paid in the calendar year", amount: row.paidInYear},
  ]).filter((row) => row.amount != null));
  draw("revenue-pmpm", full.filter((row) => row.pmpm != null));
  draw("revenue-years", full);
  const inDrgs = DRG_MONTHS.filter((row) => row.service_month && (!year || row.service_month.startsWith(year)) &&
    (!month || Number(row.service_month.slice(5, 7)) === Number(month)));
  const drgs = bars(inDrgs, "drg_code", REPORT.limits.drgs);
  // The chosen one is always among them; the others turn pale, ready to be chosen instead.
  if (drg && !drgs.some((row) => row.id === drg)) drgs.unshift(...bars(inDrgs.filter((row) => row.drg_code === drg), "drg_code"));
  draw("revenue-drgs", drgs.map((row) => ({...row, pale: drg !== ALL && row.id !== drg})), (id) => { choose("rev-drg", chosen("rev-drg") === id ? ALL : id); drawRevenue(); });
}

function startRevenue() {
  offer("rev-year", [[ALL, "All years"], ...levels(REVENUE, "service_year").map((year) => [String(year), String(year)])]);
  offer("rev-month", [[ALL, "All months"], ...MONTHS.map((name, at) => [String(at + 1), name])]);
  offer("rev-drg", [[ALL, "All DRGs"], ...[...DRG_TITLES.keys()].sort().map((code) => [code, drgLabel(code)])]);
  for (const key of ["rev-year", "rev-month", "rev-drg"]) slicer(key).addEventListener("change", drawRevenue);
}
