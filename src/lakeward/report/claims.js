// Which page is shown; the address says so, and the browser's own back leads back.
const PAGES = {abc: drawAbc, retention: drawRetention, revenue: drawRevenue};
const RESETS = {abc: drawAbc, drill: () => { offerDrgs(); drawDrill(); }, retention: drawRetention, revenue: drawRevenue};

function show() {
  const wanted = location.hash.slice(1);
  const key = wanted in PAGES ? wanted : document.querySelector(".page.shown")?.id ?? "abc";
  for (const section of document.querySelectorAll(".page")) section.classList.toggle("shown", section.id === key);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${key}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  PAGES[key]();
  if (wanted in PAGES) window.scrollTo(0, 0);
}

startAbc();
startRetention();
startRevenue();