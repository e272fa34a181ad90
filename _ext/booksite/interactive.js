// Puts a plotly figure in the place of each still drawing, with a slider that keyboards and screen readers know.
// Without this script, or without plotly, the drawing stays.
(() => {
  "use strict";

  // the colors of the text around it, light or dark
  const paint = (place) => {
    const layout = place.layout;
    const style = getComputedStyle(place);
    const text = style.color;
    const line = style.getPropertyValue("--pst-color-border").trim() || "#bbb";
    const axes = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key));
    const painted = { "font.color": text, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
    for (const axis of axes) {
      for (const part of ["gridcolor", "linecolor", "zerolinecolor"]) painted[`${axis}.${part}`] = line;
    }
    return painted;
  };

  const slider = (settings, plot, id) => {
    const { steps, currentvalue, active } = settings;
    const row = document.createElement("div");
    row.className = "et-slider";
    const label = document.createElement("label");
    const output = document.createElement("output");
    const input = Object.assign(document.createElement("input"), { type: "range", id: `${id}-slider` });
    Object.assign(input, { min: 0, max: steps.length - 1, step: 1, value: active ?? 0 });
    label.htmlFor = output.htmlFor = input.id;
    label.textContent = currentvalue?.prefix ?? "";
    const say = () => {
      output.textContent = steps[input.value].label;
      input.setAttribute("aria-valuetext", steps[input.value].label);
    };
    input.addEventListener("input", () => {
      say();
      Plotly[steps[input.value].method](plot, ...steps[input.value].args);
    });
    say();
    row.append(label, input, output);
    return row;
  };

  const show = async (figure) => {
    const place = figure.querySelector(".et-plot");
    const { data, layout } = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const { sliders = [], ...rest } = layout;
    for (const axis of Object.keys(rest).filter((key) => /^[xy]axis\d*$/.test(key))) rest[axis].fixedrange = true;
    const margin = { l: 56, r: 10, t: 8, b: 44, ...rest.margin };
    place.replaceChildren();
    place.style.minHeight = `${rest.height ?? 420}px`;
    // no dragging: on a phone a finger on the figure scrolls the page
    const options = { displayModeBar: false, responsive: true };
    await Plotly.newPlot(place, data, { height: 420, dragmode: false, ...rest, margin }, options);
    await Plotly.relayout(place, paint(place));
    for (const settings of sliders) figure.append(slider(settings, place, figure.id));
    new MutationObserver(() => Plotly.relayout(place, paint(place))).observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-theme"],
    });
    figure.dataset.ready = "true";
  };

  const start = () => window.Plotly && document.querySelectorAll(".et-interactive").forEach(show);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
