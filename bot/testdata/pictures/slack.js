// A drawing of Block Kit: blocks as Slack lays them out, near enough to see what wraps, what is too much and what stands beside what. It is
// no picture of Slack's.
const el = (tag, cls, ...kids) => {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  e.append(...kids.filter((k) => k != null));
  return e;
};
const words = (t) => (t ? t.text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&") : "");
function run(r) {
  if (r.type === "link") return el("a", "", r.text ?? r.url);
  if (r.type === "user") return el("span", "at", "@" + r.user_id);
  if (r.type === "date") return el("span", "", r.fallback);
  const s = el("span", "", r.text ?? "");
  if (r.style?.bold) s.style.fontWeight = 700;
  if (r.style?.italic) s.style.fontStyle = "italic";
  if (r.style?.code) s.className = "code";
  return s;
}
function rich(b) {
  return el("div", "", ...b.elements.map((x) => {
    if (x.type === "rich_text_list") return el("ul", "", ...x.elements.map((i) => el("li", "", ...i.elements.map(run))));
    const tag = { rich_text_preformatted: "pre", rich_text_quote: "blockquote" }[x.type] ?? "p";
    return el(tag, "", ...x.elements.map(run));
  }));
}
function control(x) {
  if (x.type === "button") return el("button", x.style ?? "", words(x.text));
  return el("button", "select", words(x.placeholder ?? x.text) + " ⌄");
}
function table(b) {
  const cell = (c) => (c.type === "rich_text" ? rich(c) : c.element ? el("a", "", words(c.element.text)) : c.text ?? String(c.value ?? ""));
  return el("div", "table", el("p", "caption", b.caption ?? ""), el("table", "", ...(b.rows ?? []).map((r, i) => el("tr", "", ...r.map((c) => el(i ? "td" : "th", "", cell(c)))))));
}
function chart(b) {
  const series = b.chart.series ?? [];
  const top = Math.max(1, ...series.flatMap((s) => s.data.map((p) => p.value)));
  return el("div", "chart", el("p", "caption", b.title), ...series.flatMap((s) => [el("p", "name", s.name), ...s.data.map((p) => {
    const bar = el("i", "");
    bar.style.width = (55 * Math.max(0, p.value)) / top + "%";
    return el("p", "bar", el("span", "", p.label), bar, String(p.value));
  })]));
}
function block(b) {
  switch (b.type) {
    case "header": return el("h3", "", words(b.text));
    case "section": return el("p", "", words(b.text), ...(b.fields ?? []).map((f) => el("span", "field", words(f))), b.accessory && control(b.accessory));
    case "context": return el("p", "context", ...b.elements.map((x) => words(x)));
    case "divider": return el("hr");
    case "actions": return el("div", "actions", ...b.elements.map(control));
    case "rich_text": return rich(b);
    case "image": return el("p", "image", b.alt_text);
    case "data_table": case "table": return table(b);
    case "data_visualization": return chart(b);
    case "input": return el("p", "", el("b", "", words(b.label)), el("span", "input", b.element.type), words(b.hint));
    default: return el("p", "", "(" + b.type + ")");
  }
}
function drawCard(message) {
  return el("div", "slack", ...(message.blocks?.length ? message.blocks.map(block) : [el("p", "", message.text ?? "")]));
}
