// Unfold draws the charts of a page once, when it is loaded; these come later.
document.addEventListener("htmx:afterSettle", () => {
  const drawn = [...document.querySelectorAll(".chart")].filter((it) => Chart.getChart(it));
  drawn.forEach((it) => it.classList.remove("chart"));
  renderCharts();
  drawn.forEach((it) => it.classList.add("chart"));
});
