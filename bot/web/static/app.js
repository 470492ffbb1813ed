// The hand of the local workspace: what htmx does not do by itself. Everything shown comes from the server as HTML.
"use strict";
(() => {
  const $ = (sel, root = document) => root.querySelector(sel);
  const $$ = (sel, root = document) => [...root.querySelectorAll(sel)];
  const key = () => [...crypto.getRandomValues(new Uint8Array(12))].map(b => b.toString(16).padStart(2, "0")).join("");

  // comeBackTo scrolls back as far as is needed to see where something begins.
  const comeBackTo = (el, box) => { box.scrollTop -= Math.max(0, box.getBoundingClientRect().top - el.getBoundingClientRect().top + 8); };

  // What arrives below what is being read is only pointed to.
  const atEnd = box => box.scrollHeight - box.scrollTop - box.clientHeight < 160;
  const below = box => $("[data-below]", box.parentElement);
  document.addEventListener("scroll", e => { if (e.target.matches?.(".scroll") && atEnd(e.target)) below(e.target)?.setAttribute("hidden", ""); }, true);

  // --- Messages: the swap style "log" puts each element in its place by data-k, or into the place of the one it is a
  // newer version of. The same message may come twice (as the answer and on the stream).
  let api;
  htmx.registerExtension("log", {
    init: given => { api = given; },
    handle_swap: (style, target, fragment) => {
      if (style !== "log") return false;
      const box = target.closest(".scroll");
      const follow = box && atEnd(box);
      const fresh = [];
      let added = false;
      for (const el of [...fragment.children]) {
        const old = document.getElementById(el.id);
        if (old) {
          const open = $("details[open]", old);
          const one = document.createDocumentFragment();
          one.append(el);
          api.morph(old, one, false);
          if (open) open.open = false;
          old.classList.add("changed");
          fresh.push(old);
          continue;
        }
        const next = [...target.children].find(c => c.dataset.k > el.dataset.k);
        target.insertBefore(el, next || null);
        el.classList.add("arrived");
        fresh.push(el);
        added ||= el.matches(".msg");
      }
      if (follow) requestAnimationFrame(() => { // to the end, but not past the beginning of what is new
        box.scrollTop = box.scrollHeight;
        if (fresh.length) comeBackTo(fresh[0], box);
      });
      else if (box && added) below(box).hidden = false;
      return fresh;
    },
  });

  // --- Gestures. Each form has a key; it stays the same while an answer is missing (so that a repetition is recognised)
  // and changes with every answer.
  const renew = form => { const g = form.elements.gesture; if (g) g.value = key(); };
  const lastPress = new Map(); // message or form -> the button pressed last, and when

  document.addEventListener("submit", e => {
    const form = e.target;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("hx-post")) return;
    const stop = () => { e.preventDefault(); e.stopImmediatePropagation(); };
    const button = e.submitter;
    if (!form.hasAttribute("data-htmx-powered")) { // quicker than the page: once htmx is there
      stop();
      setTimeout(() => form.requestSubmit(button), 30);
      return;
    }
    if (button?.dataset.confirm && button.dataset.sure !== "yes") {
      stop();
      ask(button);
      return;
    }
    if (button) delete button.dataset.sure;
    if (form.matches(".card, .clock, .menu")) { // a double click is one press; another button is another one
      const id = form.closest(".msg, #home")?.id || form.getAttribute("hx-post"), last = lastPress.get(id), what = button?.value;
      if (button?.classList.contains("pressed") || last?.what === what && performance.now() - last.at < 600) { stop(); return; }
      lastPress.set(id, { what, at: performance.now() });
      button?.classList.add("pressed");
    }
  }, true);

  let asking = null; // the button that waits for a yes
  const confirmBox = $("#confirm");
  function ask(button) {
    asking = button;
    $("#confirm-text").textContent = button.dataset.confirm;
    $("[value=yes]", confirmBox).textContent = button.textContent;
    confirmBox.showModal();
    $("[value=no]", confirmBox).focus();
  }
  confirmBox?.addEventListener("click", e => {
    const answer = e.target.closest("button")?.value, button = asking;
    if (!answer) return;
    asking = null;
    confirmBox.close();
    button?.focus();
    if (answer === "yes" && button?.isConnected) { button.dataset.sure = "yes"; button.form.requestSubmit(button); }
  });
  confirmBox?.addEventListener("close", () => {
    if (confirmBox.open) return;
    asking?.focus();
    asking = null;
  });

  const busy = (form, on, button) => {
    form.classList.toggle("busy", on);
    form.setAttribute("aria-busy", on);
    button?.classList.toggle("pressed", on);
  };
  const formOf = e => e.detail?.ctx?.sourceElement instanceof HTMLFormElement ? e.detail.ctx.sourceElement : null;

  document.addEventListener("htmx:before:request", e => {
    const form = formOf(e);
    if (!form) return;
    busy(form, true, e.detail.ctx.request.submitter);
    if (form.matches(".composer")) { // what was sent leaves the box at once; it comes back if it did not arrive
      form._sent = { text: form.elements.text.value, gesture: form.elements.gesture.value };
      form.elements.text.value = "";
      keep(form.elements.text);
      fit(form.elements.text);
      renew(form);
      const box = form.parentElement.querySelector(".scroll");
      if (box) box.scrollTop = box.scrollHeight;
    }
  });
  document.addEventListener("htmx:finally:request", e => {
    const form = formOf(e);
    if (!form) return;
    busy(form, false, e.detail.ctx.request.submitter);
    const status = e.detail.ctx.response?.status ?? 0;
    const arrived = status >= 200 && status < 300;
    if (!arrived && status === 0) toast("Truce does not answer. Your text is still here; send it again in a moment.");
    else if (!arrived && !$("#toasts .toast")) toast(`Truce did not take this (${status}). Nothing was stored; reload the page and try again.`);
    if (form.matches(".composer")) {
      const sent = form._sent, text = form.elements.text;
      form._sent = null;
      if (!arrived && sent) {
        if (text.value === "") form.elements.gesture.value = sent.gesture;
        text.value = sent.text + (text.value ? "\n" + text.value : "");
        keep(text);
        fit(text);
      }
      return;
    }
    if (arrived) renew(form);
    if (form.matches(".menu")) form.hidePopover();
  });

  function toast(words) {
    const t = document.createElement("div");
    t.className = "toast";
    t.setAttribute("role", "alert");
    const p = document.createElement("p");
    p.textContent = words;
    const b = document.createElement("button");
    b.type = "button"; b.className = "icon"; b.dataset.closeToast = ""; b.setAttribute("aria-label", "Close"); b.textContent = "×";
    t.append(p, b);
    $("#toasts").replaceChildren(t);
  }

  // --- Dialogs: the server sends them closed.
  let opener = null;
  document.addEventListener("htmx:after:swap", () => {
    for (const d of $$("dialog[data-modal]:not([open])")) {
      if (d._shown) continue;
      d._shown = true;
      opener ??= document.activeElement === document.body ? null : document.activeElement;
      d.showModal();
      d.addEventListener("cancel", e => { e.preventDefault(); dismiss(d); });
      d.addEventListener("click", e => { if (e.target.closest("[data-cancel]")) dismiss(d); });
    }
    if (opener && !$("dialog[data-modal]")) {
      const back = opener.isConnected ? opener : $("#text");
      opener = null;
      back?.focus({ preventScroll: true });
    }
    for (const f of $$("dialog[data-modal] .field")) {
      const wrong = $(".fault", f)?.textContent.trim();
      for (const input of $$("input:not([type=hidden]), textarea, select", f)) {
        if (wrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      }
    }
    count();
  });
  document.addEventListener("htmx:finally:request", e => { // to the first field that is wrong
    const form = formOf(e);
    if (form?.closest("dialog[data-modal]")) $("[aria-invalid]", form)?.focus();
  });
  // A fault goes when its field is changed.
  function mended(input) {
    const field = input.closest(".field");
    if (!field) return;
    $(".fault", field)?.replaceChildren();
    for (const i of $$("[aria-invalid]", field)) i.removeAttribute("aria-invalid");
  }
  // A form that is closed tells the server what was typed: a draft can be kept.
  function tell(d) {
    const form = $("form", d), data = new URLSearchParams(new FormData(form));
    data.set("dismiss", "yes");
    fetch(form.getAttribute("hx-post"), { method: "POST", body: data, keepalive: true }).catch(() => {});
  }
  addEventListener("pagehide", () => $$("dialog[data-modal][open]").forEach(tell));
  function dismiss(d) {
    tell(d);
    d.close();
    d.remove();
    const back = opener?.isConnected ? opener : $("#text");
    opener = null;
    back?.focus({ preventScroll: true });
  }

  // --- The message menu.
  const menu = $("#menu");
  function openMenu(msg, at) {
    menu.elements.message.value = msg.dataset.id;
    menu.elements.gesture.value = key();
    const link = $("[data-menu-thread]", menu);
    link.href = msg.dataset.thread;
    link.hidden = !!msg.closest("#thread-log");
    menu._from = msg;
    menu.showPopover();
    const r = at.getBoundingClientRect(), m = menu.getBoundingClientRect();
    const left = Math.max(8, Math.min(r.right - m.width, innerWidth - m.width - 8));
    const top = r.bottom + m.height + 8 > innerHeight ? Math.max(8, r.top - m.height - 4) : r.bottom + 4;
    menu.style.setProperty("left", left + "px");
    menu.style.setProperty("top", top + "px");
    $("a:not([hidden]), button", menu)?.focus();
  }
  menu?.addEventListener("keydown", e => {
    const items = $$("a:not([hidden]), button", menu), i = items.indexOf(document.activeElement);
    if (e.key === "ArrowDown") items[(i + 1) % items.length].focus();
    else if (e.key === "ArrowUp") items[(i - 1 + items.length) % items.length].focus();
    else return;
    e.preventDefault();
  });
  menu?.addEventListener("toggle", e => { if (e.newState === "closed" && document.activeElement === document.body) menu._from?.focus(); });

  document.addEventListener("click", e => {
    const on = sel => e.target.closest(sel);
    let el;
    if ((el = on("[data-menu]"))) openMenu(el.closest(".msg"), el);
    else if ((el = on("[data-close-toast]"))) el.closest(".toast").remove();
    else if ((el = on("[data-sort]"))) sortBy(el.closest("th"));
    else if ((el = on("[data-nav]"))) nav(!document.body.classList.contains("nav-open"));
    else if ((el = on("[data-slash]"))) { const t = $("textarea", el.closest("form")); if (!t.value.startsWith("/")) t.value = "/" + t.value; t.focus(); t.dispatchEvent(new Event("input", { bubbles: true })); }
    else if ((el = on("[data-shortcut]"))) global(el);
    else if ((el = on("[data-below]"))) { const box = $(".scroll", el.closest("main, aside")); box.scrollTop = box.scrollHeight; el.hidden = true; $("textarea", el.form).focus(); }
    else if ((el = on("[data-suggest]"))) { if (!el.value) suggest(el); }
    else if ((el = on("[role=option][data-insert], [role=option][data-value], [role=option][data-href]"))) choose(el);
    else if (document.body.classList.contains("nav-open") && !on("#side")) nav(false);
    for (const d of $$("details.pick[open], details.me[open]")) if (!d.contains(e.target)) d.open = false;
  });
  function global(el) { // a shortcut from anywhere: the menu's form without a message
    menu.elements.message.value = "";
    const b = $$("button", menu).find(b => b.value === el.dataset.shortcut) || Object.assign(document.createElement("button"), { name: "name", value: el.dataset.shortcut, hidden: true });
    if (!b.isConnected) menu.append(b);
    menu.requestSubmit(b);
  }
  function nav(open) {
    document.body.classList.toggle("nav-open", open);
    $("[data-nav]")?.setAttribute("aria-expanded", open);
    (open ? $("#side a[aria-current]") || $("#side a") : $("[data-nav]"))?.focus();
  }

  // --- Tables sort; numbers by their value.
  function sortBy(th) {
    const table = th.closest("table"), i = [...th.parentNode.children].indexOf(th), body = table.tBodies[0];
    const down = th.classList.contains("n") ? th.getAttribute("aria-sort") !== "descending" : th.getAttribute("aria-sort") === "ascending";
    for (const other of th.parentNode.children) other.removeAttribute("aria-sort");
    th.setAttribute("aria-sort", down ? "descending" : "ascending");
    const of = tr => tr.cells[i];
    const rows = [...body.rows].sort((a, b) => th.classList.contains("n")
      ? parseFloat(of(a).dataset.v || "0") - parseFloat(of(b).dataset.v || "0")
      : of(a).textContent.localeCompare(of(b).textContent, undefined, { numeric: true }));
    body.append(...(down ? rows.reverse() : rows));
  }

  // --- Boxes with a list of suggestions below (or above): commands in a composer, what a search field finds.
  const lister = "[aria-autocomplete=list]";
  const listOf = input => document.getElementById(input.getAttribute("aria-controls"));
  const visible = list => $$("[role=option]:not([hidden])", list);
  function showList(input, on) {
    const list = listOf(input);
    if (!list) return;
    list.hidden = !on;
    if (input.hasAttribute("aria-expanded")) input.setAttribute("aria-expanded", on); // a text box has none
    if (!on) point(input, null);
  }
  function point(input, option) {
    for (const o of $$("[aria-selected=true]", listOf(input))) o.removeAttribute("aria-selected");
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    option.id ||= "o-" + key();
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
  function choose(option) {
    if (option.dataset.href) { location.href = option.dataset.href; return; }
    const input = $(`[aria-controls="${option.parentElement.id}"]`);
    if (option.dataset.insert !== undefined) {
      input.value = option.dataset.insert;
      keep(input);
      fit(input);
      complete(input);
    } else {
      input.value = option.dataset.label;
      input.previousElementSibling.value = option.dataset.value;
      showList(input, false);
      mended(input);
    }
    input.focus();
  }
  function complete(text) { // the commands that begin like what is typed; after a command its examples
    const typed = text.value.toLowerCase(), list = listOf(text);
    let any = false;
    if (/^\/\S*$/.test(typed) || /^\/\S+ $/.test(typed)) {
      for (const o of $$("[role=option]", list)) {
        const fits = o.dataset.match ? !typed.endsWith(" ") && o.dataset.match.startsWith(typed) || typed === o.dataset.match + " " : o.dataset.example === typed;
        o.hidden = !fits;
        any ||= fits;
      }
    }
    showList(text, any);
    if (any) point(text, typed.endsWith(" ") ? null : visible(list)[0]);
  }
  const later = new WeakMap();
  async function suggest(input) {
    const hidden = input.previousElementSibling, list = listOf(input), q = input.value;
    const same = $$("[role=option]", list).find(o => o.dataset.label === q);
    hidden.value = same ? same.dataset.value : q; // what nobody chose from the list is sent as it was typed
    const url = `/as/${document.body.dataset.as}/suggest?` + new URLSearchParams({ name: input.dataset.suggest, q });
    try {
      const r = await fetch(url);
      const html = await r.text();
      if (input.value !== q || !r.ok) return;
      if (r.status === 200) list.innerHTML = html;
      showList(input, document.activeElement === input);
    } catch { /* the list stays as it was; what was typed is sent */ }
  }
  document.addEventListener("input", e => {
    const t = e.target;
    if (t.matches(".composer textarea")) { fit(t); complete(t); }
    if (t === jumpTo) narrow();
    if (t.closest("dialog[data-modal]")) mended(t);
    if (t.matches("[data-suggest]")) { clearTimeout(later.get(t)); later.set(t, setTimeout(() => suggest(t), 120)); }
  });
  document.addEventListener("focusout", e => { if (e.target.matches(lister)) setTimeout(() => { if (document.activeElement !== e.target) showList(e.target, false); }, 150); });
  document.addEventListener("mousedown", e => { if (e.target.closest("[role=option]")) e.preventDefault(); }); // the box keeps the focus

  document.addEventListener("keydown", e => {
    const t = e.target;
    if (t.matches?.(lister)) {
      const list = listOf(t), open = list && !list.hidden, items = open ? visible(list) : [];
      const now = open && $("[aria-selected=true]", list), i = items.indexOf(now);
      if (open && items.length && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
        const n = items.length, to = e.key === "ArrowDown" ? (i + 1) % n : (i <= 0 ? n : i) - 1;
        point(t, items[to]);
        e.preventDefault();
        return;
      }
      if (open && now && (e.key === "Tab" || e.key === "Enter") && !e.shiftKey) {
        const whole = now.dataset.insert?.trim() === t.value.trim() && e.key === "Enter";
        if (!whole) { choose(now); e.preventDefault(); return; }
      }
      if (!open && e.key === "ArrowDown" && t.matches("[data-suggest]")) { suggest(t); e.preventDefault(); return; }
      if (open && e.key === "Escape" && t !== jumpTo) { showList(t, false); e.preventDefault(); e.stopPropagation(); return; }
    }
    if (t.matches?.(".composer textarea")) {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
        e.preventDefault();
        showList(t, false);
        if (!t.form.classList.contains("busy") && t.value.trim()) t.form.requestSubmit();
        return;
      }
      if (e.key === "ArrowUp" && t.value === "") {
        const all = $$(".msg", t.closest("main, aside"));
        all.at(-1)?.focus();
        e.preventDefault();
      }
      if (e.key === "Escape") t.closest("aside")?.querySelector("[data-close-thread]").click();
      return;
    }
    if (t.matches?.(".msg")) {
      const all = $$(".msg", t.parentElement), i = all.indexOf(t);
      if (e.key === "ArrowUp" && i > 0) all[i - 1].focus();
      else if (e.key === "ArrowDown") (all[i + 1] || $("textarea", t.closest("main, aside")))?.focus();
      else if ((e.key === "Enter" || e.key === ".") && $("[data-menu]", t)) openMenu(t, $("[data-menu]", t));
      else if (e.key === "Escape") $("textarea", t.closest("main, aside"))?.focus();
      else return;
      e.preventDefault();
      return;
    }
    if (e.key === "Escape") {
      const pick = t.closest?.("details[open]");
      if (pick) { pick.open = false; $("summary", pick).focus(); e.preventDefault(); }
      else if (document.body.classList.contains("nav-open")) nav(false);
    }
  });

  // --- Ctrl K (or Cmd K): to any place, or to be somebody else.
  const jump = $("#jump"), jumpTo = jump && $("input", jump);
  function narrow() { // what holds all that is typed; the first of it is pointed at
    const words = jumpTo.value.toLowerCase().split(/\s+/);
    for (const o of $$("[role=option]", jump)) o.hidden = !words.every(w => o.textContent.toLowerCase().includes(w));
    point(jumpTo, visible(jump)[0]);
    clearTimeout(later.get(jumpTo));
    later.set(jumpTo, setTimeout(findMessages, 150));
  }
  async function findMessages() { // messages that hold the words stand below places and people
    const q = jumpTo.value, list = listOf(jumpTo);
    let html = "";
    try {
      const r = await fetch(`/as/${document.body.dataset.as}/find?` + new URLSearchParams({ q }));
      if (!r.ok || jumpTo.value !== q) return;
      html = await r.text();
    } catch { return; /* places and people are found all the same */ }
    const now = $("[aria-selected=true]", list);
    $$(".found", list).forEach(o => o.remove());
    list.insertAdjacentHTML("beforeend", html);
    if (!now?.isConnected) point(jumpTo, visible(list)[0]);
  }
  document.addEventListener("keydown", e => {
    if (!jump || e.key.toLowerCase() !== "k" || !(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || $("dialog[open]")) return;
    e.preventDefault();
    jumpTo.value = "";
    showList(jumpTo, true);
    narrow();
    jump.showModal();
  });
  jump?.addEventListener("click", e => { if (e.target === jump) jump.close(); });

  // A key that has done its work types nothing, also where a press comes as two events.
  let swallow = false;
  document.addEventListener("keydown", e => { swallow = e.defaultPrevented; });
  document.addEventListener("keypress", e => { if (swallow) e.preventDefault(); });

  document.addEventListener("toggle", e => { // a list that opens below the edge is brought into view
    if (e.target.matches?.("details.pick") && e.target.open) $(".list", e.target).scrollIntoView({ block: "nearest" });
  }, true);

  // --- Drafts: what stands in a box is still there after another channel was looked at, or the page reloaded.
  const draft = t => `draft:${document.body.dataset.as}:${t.form.elements.place.value}:${t.form.elements.thread.value}`;
  const keep = t => { try { t.value ? sessionStorage.setItem(draft(t), t.value) : sessionStorage.removeItem(draft(t)); } catch { /* a full store keeps no drafts */ } };
  document.addEventListener("input", e => { if (e.target.matches(".composer textarea")) keep(e.target); });
  for (const t of $$(".composer textarea")) if (!t.value) t.value = sessionStorage.getItem(draft(t)) ?? "";
  if (new URLSearchParams(location.search).has("text")) { // the command of a link is in the box now; a reload shall not write it again
    $$(".composer textarea").forEach(keep);
    const url = new URL(location.href);
    url.searchParams.delete("text");
    history.replaceState(null, "", url);
  }

  // --- Small things.
  function fit(t) { t.style.setProperty("height", "auto"); t.style.setProperty("height", Math.min(t.scrollHeight, 220) + "px"); }
  const title = document.title;
  let unread = null; // by place, as far as they were told
  function count() {
    const n = $$("#places .badge [aria-hidden]").reduce((sum, b) => sum + Number(b.textContent), 0);
    document.title = (n ? `(${n}) ` : "") + title;
    const places = new Map($$("#places a").map(a => [$(".name", a).textContent, Number($(".badge [aria-hidden]", a)?.textContent ?? 0)]));
    const fresh = [...places].filter(([name, n]) => unread && n > (unread.get(name) ?? 0)).map(([name]) => name);
    if (fresh.length) $("#heard").textContent = "New in " + fresh.join(", "); // for whoever does not see the marks
    unread = places;
  }
  for (const box of $$(".room > .scroll:not(.homepage), .thread .scroll")) { // to the end, but not past the beginning of what is new
    const sought = location.hash.length > 1 && $("#" + CSS.escape(location.hash.slice(1)), box); // a message that was searched for
    const from = sought || $(".line.new", box) || $$(".log > .msg", box).at(-1);
    box.scrollTop = box.scrollHeight;
    if (from) comeBackTo(from, box);
    if (sought) setTimeout(() => sought.focus({ preventScroll: true }));
  }
  // The box is ready for typing; not on a phone, where it would bring up the keyboard, and not in the one of two frames that is not looked at.
  const ready = $("#thread-text") ?? $("#text");
  if (document.activeElement === document.body && (top === window || document.hasFocus()) && !matchMedia("(pointer: coarse)").matches) ready?.focus({ preventScroll: true });
  for (const t of $$(".composer textarea")) { if (t.value) { fit(t); t.focus(); t.setSelectionRange(t.value.length, t.value.length); } }
  count();
})();
