"use strict";
// Shared by the pages: the data by rows, numbers as text, slicers, facts, tables and charts.
const REPORT = JSON.parse(document.getElementById("report-data").textContent);
const {rest: REST, notStated: NOT_STATED, smallestGroup: SMALLEST_GROUP} = REPORT.limits;
const ALL = "";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const BARS = 20;

function rowsOf(name) {
  const columns = Object.entries(REPORT.datasets[name]);
  if (!columns.length) return [];
  const values = columns.map(([, column]) =>
    Array.isArray(column) ? column : column.codes.map((code) => (code < 0 ? null : column.levels[code])));
  return values[0].map((_, row) => Object.fromEntries(columns.map(([field], at) => [field, values[at][row]])));
}

// Amounts are added in cents, which a number holds exactly, and shown in dollars.
const cents = (amount) => Math.round((amount || 0) * 100);
const sum = (rows, field) => rows.reduce((total, row) => total + (row[field] || 0), 0);
const paidOf = (rows) => rows.reduce((total, row) => total + cents(row.paid_amount_usd), 0) / 100;
const whole = new Intl.NumberFormat("en-US", {maximumFractionDigits: 0});
const exact = new Intl.NumberFormat("en-US", {minimumFractionDigits: 2, maximumFractionDigits: 2});
const short = new Intl.NumberFormat("en-US", {notation: "compact", minimumFractionDigits: 1, maximumFractionDigits: 1});
const count = (value) => (value == null ? "–" : whole.format(value));
const money = (value) => (value == null ? "–" : `${value < 0 ? "−" : ""}$${exact.format(Math.abs(value))}`);
const dollars = (value) => (value == null ? "–" : `${value < 0 ? "−" : ""}$${whole.format(Math.abs(value))}`);
const shortMoney = (value) => (value == null ? "–" : `${value < 0 ? "−" : ""}$${short.format(Math.abs(value))}`);
const percent = (value) => (value == null || Number.isNaN(value) ? "–" : `${value.toFixed(1)} %`);
const share = (part, all) => (all ? (100 * part) / all : null);
const written = {text: (v) => v ?? "–", count, money: dollars, cents: money, percent};

function grouped(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return groups;
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text != null) made.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

// Slicers. A choice that the new options lack falls back to all.
const slicer = (key) => document.getElementById(key);
const chosen = (key) => slicer(key).value;
function offer(key, options) {
  const before = slicer(key).value;
  slicer(key).replaceChildren(...options.map(([value, label]) => element("option", label, {value})));
  slicer(key).value = options.some(([value]) => value === before) ? before : options[0][0];
}
function choose(key, value) {
  if ([...slicer(key).options].some((option) => option.value === value)) slicer(key).value = value;
}
const levels = (rows, field) => [...new Set(rows.map((row) => row[field]).filter((value) => value != null))].sort();

function showFacts(key, facts) {
  document.getElementById(key).replaceChildren(...facts.map(([label, value, remark]) => {
    const box = element("div");
    const body = element("dd");
    body.append(element("span", value, {class: "value"}), element("span", remark, {class: "remark"}));
    box.append(element("dt", label), body);
    return box;
  }));
}

function tableOf(columns, rows) {
  const table = element("table");
  const heading = element("tr");
  const side = (column) => (column.kind === "text" ? {} : {class: "number"});
  heading.append(...columns.map((column) => element("th", column.label, {scope: "col", ...side(column)})));
  const body = element("tbody");
  for (const row of rows) {
    const line = element("tr");
    line.append(...columns.map((column, at) =>
      element(at ? "td" : "th", written[column.kind](row[column.field]), at ? side(column) : {scope: "row", ...side(column)})));
    body.append(line);
  }
  const head = element("thead");
  head.append(heading);
  table.append(head, body);
  return table;
}

// Charts. One view each, made when first seen; later choices only hand it other rows.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const charts = new Map();
function draw(key, given, onClick) {
  // A rest would dwarf what is named: it is said in words and stands in the table; alone, it is drawn.
  const named = given.filter((row) => !row.beyond);
  const rows = (named.length ? named : given).map((row, place) => ({place, ...row}));
  const beyond = named.length ? given.filter((row) => row.beyond) : [];
  document.getElementById(`${key}-rest`).textContent = beyond.map((row) =>
    `Not drawn: ${row.label}, ${dollars(row.paid)} in ${count(row.claims)} claim${row.claims === 1 ? "" : "s"}.`).join(" ");
  document.getElementById(`${key}-empty`).hidden = rows.length > 0;
  document.getElementById(key).hidden = rows.length === 0;
  document.getElementById(`${key}-table`).replaceChildren(tableOf(REPORT.columns[key], given));
  const state = charts.get(key) ?? {view: null, rows: null, work: Promise.resolve()};
  charts.set(key, state);
  state.rows = rows;
  if (!rows.length) return;
  state.work = state.work.then(() => refresh(key, state, onClick));
}
async function refresh(key, state, onClick) {
  const step = REPORT.specs[key].height?.step;
  if (!state.view) {
    const options = {
      // Interpreted, as the page's policy forbids eval; a layer without rows is no matter for the console.
      actions: false, ast: true, renderer: "svg", hover: true, logLevel: 1,
      config: REPORT.themes[dark.matches ? "dark" : "light"],
    };
    const spec = {...REPORT.specs[key], data: {name: "rows", values: state.rows}};
    if (step) spec.height = step * state.rows.length;
    state.view = (await vegaEmbed(document.getElementById(key), spec, options)).view;
    if (onClick) state.view.addEventListener("click", (_, item) => item?.datum?.id != null && onClick(item.datum.id));
    return;
  }
  state.view.data("rows", state.rows);
  if (step) state.view.height(step * state.rows.length);
  await state.view.resize().runAsync();
}
function forgetCharts() {
  for (const state of charts.values()) state.work = state.work.then(() => { state.view?.finalize(); state.view = null; });
}
