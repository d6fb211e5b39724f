document.documentElement.classList.add("js");
for (const button of document.querySelectorAll("[data-reset]")) button.addEventListener("click", () => {
  for (const choice of button.form.querySelectorAll("select")) choice.selectedIndex = 0;
  RESETS[button.dataset.reset]();
});
window.addEventListener("hashchange", show);
dark.addEventListener("change", () => { forgetCharts(); show(); });
show();
