// Only whole people come and go, and who left stands below the line without being fewer than none.
const written = new Intl.NumberFormat(document.documentElement.lang || "en");
Object.assign(DEFAULT_CHART_OPTIONS.scales.y.ticks, { precision: 0, callback: (value) => written.format(Math.abs(value)) });
DEFAULT_CHART_OPTIONS.plugins.tooltip.callbacks = { label: ({ dataset, raw }) => `${dataset.label}: ${written.format(Math.abs(raw))}` };

// Unfold draws the charts of a page once, when it is loaded; these come later.
document.addEventListener("htmx:afterSettle", () => {
  const drawn = [...document.querySelectorAll(".chart")].filter((it) => Chart.getChart(it));
  drawn.forEach((it) => it.classList.remove("chart"));
  renderCharts();
  drawn.forEach((it) => it.classList.add("chart"));
});
