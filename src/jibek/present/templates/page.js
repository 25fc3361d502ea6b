"use strict";
// Draws every figure from its JSON, in the colours of the reader's theme and at the width of the page or the sheet.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const basemap = read("basemap"), darkTwins = read("dark-twins"), wording = read("wording");
const darkTheme = matchMedia("(prefers-color-scheme: dark)");
const SHEET = 680; // width in pixels of what is printed on A4
const WIDE = 760; // width in pixels from which a map's dots have their full size
const FLOWS_WIDE = 1000; // width in pixels from which a flow has its full width
const DOTS = new Set(["border", "construction", "planned"]);
const hidden = {}; // layers that the reader has switched off, by figure
let printing = false;

Plotly.register({ moduleType: "locale", name: wording.locale, dictionary: wording.dictionary, format: {} });

function themed(text) {
  if (printing || !darkTheme.matches) return text;
  return text.replace(/#[0-9A-F]{6}/g, (colour) => darkTwins[colour] || colour);
}

function chosenNames(data, width) {
  const sizes = [...new Set(data.map((trace) => trace.meta && trace.meta.names).filter(Boolean))].sort((a, b) => b - a);
  return sizes.find((size) => size <= width + 30) || sizes[sizes.length - 1];
}

// A bar's heading is its name in bold and a figure; where there is no room the name is cut, never the figure.
function fitted(text, width) {
  const [, name, figure] = text.match(/^<b>(.*)<\/b>(.*)$/) || [null, "", text];
  const room = Math.floor((width - 24) / 6.4) - figure.length;
  return name.length > room ? `<b>${name.slice(0, room - 1)}…</b>${figure}` : text;
}

// An enlarged figure names the traces that it shares with the whole one by their numbers there.
function figure(id) {
  const spec = JSON.parse(themed(document.getElementById(id).textContent));
  if (spec.like) {
    const whole = figure(spec.like).data;
    spec.data = spec.data.map((trace) => (typeof trace === "number" ? whole[trace] : trace));
  }
  return spec;
}

function draw(plot) {
  const spec = figure(plot.dataset.spec);
  const width = printing ? Math.min(SHEET, plot.closest(".two") ? SHEET / 2 - 14 : SHEET) : plot.clientWidth;
  const aspect = spec.layout.meta && spec.layout.meta.aspect;
  const names = chosenNames(spec.data, width);
  const off = hidden[plot.id] || new Set();
  for (const trace of spec.data) {
    if (trace.meta === "basemap") Object.assign(trace, basemap);
    if (trace.meta && trace.meta.names) trace.visible = trace.meta.names === names;
    if (off.has(trace.meta)) trace.visible = false;
    if (trace.meta === "bottleneck") {
      const scale = Math.min(1, Math.max(0.68, width / WIDE));
      trace.marker.size = trace.marker.size.map((size) => size * scale);
      trace.textfont.size *= scale;
    }
    if (trace.line && String(trace.meta).startsWith("flow-")) {
      const scale = Math.min(1, Math.max(0.4, width / FLOWS_WIDE));
      document.documentElement.style.setProperty("--flow-scale", scale);
      trace.line.width = Math.max(0.7, trace.line.width * scale);
    }
    if (DOTS.has(trace.meta)) trace.marker.size = trace.marker.size.map((size) => size * Math.min(1, Math.max(0.5, width / WIDE)));
  }
  for (const note of spec.layout.annotations || []) note.text = fitted(note.text, width);
  Object.assign(spec.layout, { width, showlegend: false, dragmode: aspect ? "pan" : false });
  if (aspect) {
    spec.layout.height = Math.round(width / aspect);
    plot.classList.add("map-plot");
  }
  const config = {
    displaylogo: false, locale: wording.locale, scrollZoom: false, displayModeBar: aspect ? "hover" : false,
    modeBarButtons: aspect ? [["zoomInGeo", "zoomOutGeo", "resetGeo", "toImage"]] : [],
  };
  Plotly.react(plot, spec.data, spec.layout, config);
}

const plots = [...document.querySelectorAll(".plot")];
const drawAll = () => plots.forEach(draw);

for (const button of document.querySelectorAll("button[data-layer]")) {
  button.addEventListener("click", () => {
    const id = button.closest("[data-for]").dataset.for, off = (hidden[id] = hidden[id] || new Set());
    const shown = off.has(button.dataset.layer);
    shown ? off.delete(button.dataset.layer) : off.add(button.dataset.layer);
    button.setAttribute("aria-pressed", String(shown));
    draw(document.getElementById(id));
  });
}

let waiting;
let lastWidth = innerWidth;
addEventListener("resize", () => {
  if (printing || innerWidth === lastWidth) return;
  lastWidth = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(drawAll, 150);
});
darkTheme.addEventListener("change", drawAll);
let opened = [];
addEventListener("beforeprint", () => {
  printing = true;
  opened = [...document.querySelectorAll("details:not([open])")];
  opened.forEach((part) => (part.open = true));
  drawAll();
});
addEventListener("afterprint", () => {
  printing = false;
  opened.forEach((part) => (part.open = false));
  drawAll();
});
drawAll();
