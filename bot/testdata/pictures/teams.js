// Draws Adaptive Cards with Microsoft's renderer (npm adaptivecards), each in a box of the width of a client of Teams. The package does
// not know targetWidth; what Teams does with it is done here, with its client's breakpoints.
const classes = ["verynarrow", "narrow", "standard", "wide"];
const classOf = (px) => classes[px <= 216 ? 0 : px <= 345 ? 1 : px <= 500 ? 2 : 3];
function stands(target, px) {
  const [, how, name] = /^(?:(atleast|atmost):)?(\w+)$/.exec(target.toLowerCase());
  const is = classes.indexOf(classOf(px)), wants = classes.indexOf(name);
  return how === "atleast" ? is >= wants : how === "atmost" ? is <= wants : is === wants;
}
function forWidth(v, px) {
  if (Array.isArray(v)) return v.filter((x) => !(x && x.targetWidth) || stands(x.targetWidth, px)).map((x) => forWidth(x, px));
  if (v === null || typeof v !== "object") return v;
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, forWidth(x, px)]));
}
const ink = (dark) => {
  const c = (d, s) => ({ default: d, subtle: s });
  return dark
    ? { default: c("#ffffff", "#adadad"), accent: c("#7f85f5", "#7f85f5"), good: c("#92c353", "#92c353"), attention: c("#f9526b", "#f9526b"), warning: c("#f8d22a", "#f8d22a"), dark: c("#fff", "#adadad"), light: c("#fff", "#adadad") }
    : { default: c("#242424", "#616161"), accent: c("#5b5fc7", "#5b5fc7"), good: c("#237b4b", "#237b4b"), attention: c("#c4314b", "#c4314b"), warning: c("#835c00", "#835c00"), dark: c("#242424", "#616161"), light: c("#242424", "#616161") };
};
function host(dark) {
  const plain = (bg) => ({ backgroundColor: bg, foregroundColors: ink(dark) });
  return new AdaptiveCards.HostConfig({
    fontFamily: "Segoe UI, Liberation Sans, Arial, sans-serif",
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: dark ? "#4d4d4d" : "#e0e0e0" },
    containerStyles: { default: plain(dark ? "#292929" : "#ffffff"), emphasis: plain(dark ? "#1f1f1f" : "#f5f5f5"), accent: plain(dark ? "#2f2f4a" : "#e8ebfa") },
    supportsInteractivity: true,
    actions: { maxActions: 6, spacing: "default", buttonSpacing: 8, showCard: { actionMode: "inline" }, actionsOrientation: "horizontal", actionAlignment: "left" },
  });
}
function drawCard(card, px, dark) {
  const ac = new AdaptiveCards.AdaptiveCard();
  ac.hostConfig = host(dark);
  ac.parse(forWidth(card, px), new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_6));
  return ac.render();
}
// Teams reads TextBlocks as Markdown, for which the package wants a helper: this one knows what ours use.
AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
  const e = document.createElement("i");
  e.textContent = text.replaceAll("\\\\", "\u0000");
  result.outputHtml = "<p>" + e.innerHTML.replace(/\*\*(.+?)\*\*/g, "<b>$1</b>").replace(/\\([^\w\s])/g, "$1").replaceAll("\u0000", "\\") + "</p>";
  result.didProcess = true;
};
