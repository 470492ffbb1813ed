// A sheet of cards side by side, and what is wrong with them.
function sheet(cards, px, dark, perRow) {
  document.documentElement.className = dark ? "dark" : "light";
  const grid = document.createElement("main");
  grid.style.gridTemplateColumns = `repeat(${perRow}, ${px}px)`;
  for (const c of cards) {
    const box = document.createElement("section"), name = document.createElement("h6"), card = document.createElement("div");
    name.textContent = c.name;
    card.className = "card";
    card.style.width = px + "px";
    const drawn = drawCard(c.card, px, dark);
    if (drawn) card.append(drawn);
    box.append(name, card);
    grid.append(box);
  }
  document.body.replaceChildren(grid);
}
// faults names words that are broken into letters, and text that lies on other text or outside its card.
function faults(cards = [...document.querySelectorAll("main > section")].map((s) => [s.querySelector("h6").textContent, s.querySelector(".card")])) {
  const out = [];
  for (const [name, card] of cards) {
    const edge = card.getBoundingClientRect().right + 1;
    const walk = document.createTreeWalker(card, NodeFilter.SHOW_TEXT), rects = [];
    for (let n; (n = walk.nextNode()); ) {
      if (!n.parentElement.checkVisibility() || n.parentElement.closest("option, select, textarea, .sr, details:not([open]) > :not(summary)")) continue;
      const long = [...n.data.matchAll(/\S{25,}/gu)]; // an address breaks wherever it stands
      for (const m of n.data.matchAll(/[^\s\-‐–—\/·…?.,:;@_&=+|]+/gu)) {
        if (long.some((l) => m.index >= l.index && m.index < l.index + l[0].length)) continue;
        const r = document.createRange();
        r.setStart(n, m.index);
        r.setEnd(n, m.index + m[0].length);
        const lines = [...r.getClientRects()].filter((x) => x.width > 0);
        if (!lines.length) continue;
        if (new Set(lines.map((x) => Math.round(x.top / 4))).size > 1 && lines.length > 1 && Math.abs(lines[0].top - lines.at(-1).top) > 6) out.push(`${name}: "${m[0]}" is broken`);
        const b = lines[0];
        const scrolled = n.parentElement.closest(".table") && !n.parentElement.closest("caption"); // a caption stands whole all the same
        if (!scrolled && b.right > edge) out.push(`${name}: "${m[0]}" stands outside`);
        if (!scrolled) rects.push([b, m[0]]);
      }
    }
    rects.sort((a, b) => a[0].top - b[0].top);
    for (let i = 0; i < rects.length; i++) {
      for (let j = i + 1; j < rects.length && rects[j][0].top < rects[i][0].bottom - 3; j++) {
        const [a, b] = [rects[i][0], rects[j][0]];
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4) out.push(`${name}: "${rects[i][1]}" lies on "${rects[j][1]}"`);
      }
    }
  }
  return [...new Set(out)].join("\n");
}
