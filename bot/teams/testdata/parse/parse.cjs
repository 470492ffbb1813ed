// Parses Adaptive Cards with Microsoft's own package and reports every error and warning, as JSON lines on stdout.
// Usage: node parse.cjs FILE... — each file holds one card.
//
// Chart elements are Teams' own and unknown to the package. They are registered here as elements that take what Teams' types
// (npm @microsoft/teams.cards) name, so that everything else is still held to the package's rules; with --no-charts they stay
// unknown and their fallback is parsed instead.
const fs = require("node:fs");
const AC = require("./node_modules/adaptivecards/dist/adaptivecards.js");

const charts = {
  "Chart.HorizontalBar": ["title", "showTitle", "color", "xAxisTitle", "yAxisTitle", "displayMode", "data", "fallback"],
  "Chart.Line": ["title", "showTitle", "color", "xAxisTitle", "yAxisTitle", "data", "fallback"],
};
const args = process.argv.slice(2);
const withCharts = args[0] !== "--no-charts";
const files = withCharts ? args : args.slice(1);
const problems = [];

function registry() {
  const reg = new AC.CardObjectRegistry();
  AC.GlobalRegistry.populateWithDefaultElements(reg);
  if (withCharts) {
    for (const name of Object.keys(charts)) {
      class Chart extends AC.CardElement {
        getJsonTypeName() { return name; }
        internalRender() { return undefined; }
      }
      reg.register(name, Chart);
    }
  }
  return reg;
}

function checkCharts(v, file) {
  if (Array.isArray(v)) return v.forEach((x) => checkCharts(x, file));
  if (v === null || typeof v !== "object") return;
  if (typeof v.type === "string" && v.type.startsWith("Chart.")) {
    const known = charts[v.type];
    if (!known) problems.push({ file, message: `unknown chart ${v.type}` });
    for (const k of Object.keys(v)) {
      if (known && !known.includes(k) && !["type", "separator", "spacing"].includes(k)) problems.push({ file, message: `${v.type} has no ${k}` });
    }
    if (!v.fallback) problems.push({ file, message: `${v.type} without fallback` });
    for (const d of v.data) {
      const points = d.values ?? [d];
      for (const p of points) if (typeof p.y !== "number") problems.push({ file, message: `${v.type}: y is no number` });
    }
  }
  Object.values(v).forEach((x) => checkCharts(x, file));
}

for (const file of files) {
  const json = JSON.parse(fs.readFileSync(file, "utf8"));
  const context = new AC.SerializationContext(AC.Versions.v1_6);
  context.setElementRegistry(registry());
  const card = new AC.AdaptiveCard();
  card.parse(json, context);
  for (let i = 0; i < context.eventCount; i++) {
    const e = context.getEventAt(i);
    if (!withCharts && e.event === AC.ValidationEvent.UnknownElementType && e.message.includes('"Chart.')) continue;
    problems.push({ file, phase: "parse", event: AC.ValidationEvent[e.event], message: e.message });
  }
  for (const e of card.validateProperties().validationEvents) {
    problems.push({ file, phase: "validate", event: AC.ValidationEvent[e.event], message: e.message });
  }
  if (card.getItemCount() === 0 && card.getActionCount() === 0) problems.push({ file, message: "nothing in it" });
  checkCharts(json, file);
}
problems.forEach((p) => console.log(JSON.stringify(p)));
console.log(JSON.stringify({ parsed: files.length, problems: problems.length }));
