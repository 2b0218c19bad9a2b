// What is seen of the moment, panel by panel.

// ---- panels: built once, then their texts change ----
const panels = ["members", "groups", "partitions", "lag", "buffers", "events", "why", "narration"];
const body = id => $(id).querySelector(".body");
function setFocus(id, scroll = true) {
  if ($(id).hidden) { tell("there is nothing in that panel"); return; }
  focus = id;
  for (const p of panels) $(p).classList.toggle("focused", p === id);
  if (scroll) $(id).scrollIntoView({block: "nearest"});
}
function turnFocus(by) {
  const shown = panels.filter(p => !$(p).hidden);
  setFocus(shown[(shown.indexOf(focus) + by + shown.length) % shown.length]);
}
const bars = [["poll", 4], ["session", 7], ["heartbeat", 10]];
const view = {members: [], groups: [], parts: [], buffers: [], others: []};
function build() {
  const count = run.groups.reduce((n, g) => n + g.members.length, 0);
  body("members").classList.toggle("many", count > 12);
  run.groups.forEach((g, gi) => {
    if (run.groups.length > 1) body("members").append(make("p", "none", g.id));
    for (const m of g.members) buildMember(m);
    buildGroup(g);
    if (g.partitions.length) buildPartitions(g, gi);
  });
  run.others.forEach((name, i) => {
    const e = make("p");
    const text = make("span");
    e.append(make("b", "", name), " ", text);
    body("groups").append(e);
    view.others.push({e: text, slot: run.other + i});
  });
  const table = make("table");
  for (const v of view.buffers) table.append(v.e);
  body("buffers").append(table);
  $("partitions").hidden = view.parts.length === 0;
  const figures = document.querySelectorAll("#lag figure");
  $("lag").hidden = figures.length === 0;
}
function buildMember(m) {
  const e = make("div", "member"), who = make("div", "who"), state = make("span"), doing = make("span", "doing"), has = make("div", "has");
  who.append(make("b", "", m.name), make("span", "client", m.client), state, doing);
  e.append(who);
  const v = {e, slot: m.slot, state, doing, has, bars: []};
  for (const [label, at] of m.client ? bars : []) {
    const b = make("div", "bar"), track = make("div", "track"), fill = make("div", "fill"), value = make("span", "value");
    track.append(fill);
    b.append(make("span", "", label), track, value);
    e.append(b);
    v.bars.push({e: b, fill, value, at});
  }
  e.append(has);
  body("members").append(e);
  view.members.push(v);
  ["client", "application", "work queue"].forEach((label, i) => {
    const tr = make("tr"), text = make("td");
    tr.append(make("td", "", m.name), make("td", "", label), text);
    view.buffers.push({e: tr, text, slot: m.slot + 13 + i});
  });
}
function buildGroup(g) {
  const e = make("div", "group");
  body("groups").append(e);
  if (g.queue) { e.append(make("b", "", g.id), " " + g.members.length + " workers of " + g.queues); return; }
  const head = make("div"), state = make("span"), more = make("span"), where = make("div", "none"), waits = make("div");
  head.append(make("b", "", g.id), " ", state, more);
  e.append(head, where, waits);
  view.groups.push({slot: g.slot, state, more, where, waits});
}
function buildPartitions(g, gi) {
  const table = make("table"), head = make("tr");
  for (const h of ["partition", "owner", "committed", "position", "end", "lag"]) head.append(make("th", "", h));
  table.append(head);
  const v = {table, gi, rows: []};
  for (const p of g.partitions) {
    const tr = make("tr"), tds = [0, 1, 2, 3, 4].map(() => make("td"));
    tr.append(make("td", "", p.name), ...tds);
    table.append(tr);
    v.rows.push({e: tr, tds, slot: p.slot});
  }
  body("partitions").append(table);
  view.parts.push(v);
}
function showMember(v) {
  const c = i => cells[v.slot + i];
  v.state.className = c(1);
  put(v.state, (signs[c(1)] + " " + c(0)).trim());
  put(v.doing, c(2));
  put(v.has, c(3) ? "has " + c(3) : "");
  const gone = v.bars.every(b => !c(b.at)); // no clock runs: no room is kept for any
  for (const b of v.bars) {
    b.e.hidden = gone;
    const [mode, limitIs, from] = [c(b.at), c(b.at + 1), c(b.at + 2)];
    b.e.style.visibility = mode ? "" : "hidden";
    if (!mode) continue;
    const value = mode === 1 ? Math.max(at - from, 0) : from, over = value >= limitIs;
    b.e.classList.toggle("over", over);
    b.fill.style.width = Math.min(100, 100 * value / limitIs) + "%";
    put(b.value, seconds(value) + " / " + limit(limitIs) + (over ? " ✗ over" : ""));
  }
}
function showState() {
  load(Math.max(lastUpTo(frames.length, i => frames[i].t > at || frames[i].t === at && frames[i].s > seq || frames[i].s > seq), 0));
  view.members.forEach(showMember);
  for (const v of view.groups) {
    const c = i => cells[v.slot + i];
    v.state.className = c(1);
    put(v.state, (signs[c(1)] + " " + c(0)).trim());
    put(v.more, " · " + c(2) + " · lag " + thousands(c(3)));
    put(v.where, c(4));
    v.waits.className = c(5) ? "awaits" : "none";
    put(v.waits, c(5) ? "↻ " + c(5) + ", " + seconds(Math.max(c(6) - at, 0)) + " s more at most" : "waits for nobody");
  }
  for (const v of view.parts) {
    v.table.hidden = v.gi !== group;
    if (v.table.hidden) continue;
    for (const r of v.rows) {
      const c = i => cells[r.slot + i];
      r.e.hidden = c(3) === "";
      if (r.e.hidden) continue;
      put(r.tds[0], c(0) || "–");
      for (let i = 1; i < 5; i++) put(r.tds[i], thousands(c(i)));
    }
  }
  let some = false;
  for (const v of view.buffers) {
    const text = cells[v.slot];
    v.e.hidden = !text;
    some = some || !!text;
    put(v.text, text || "");
  }
  $("buffers").classList.toggle("nothing", !some);
  for (const v of view.others) put(v.e, cells[v.slot]);
}

// ---- the lag ----
const charts = [];
function buildCharts() {
  const ns = "http://www.w3.org/2000/svg";
  document.querySelectorAll("#lag figure").forEach(figure => {
    const gi = run.groups.findIndex(g => g.id === figure.dataset.group);
    for (const svg of figure.querySelectorAll("svg")) {
      const {left, plot} = svg.dataset, id = "past" + charts.length;
      const clip = document.createElementNS(ns, "clipPath"), rect = document.createElementNS(ns, "rect"), line = document.createElementNS(ns, "line");
      clip.id = id;
      for (const [k, v] of Object.entries({x: left - 10, y: 0, height: svg.viewBox.baseVal.height})) rect.setAttribute(k, v);
      clip.append(rect);
      svg.prepend(clip);
      for (const path of svg.querySelectorAll(".curve, .below, .lanes")) {
        const later = path.cloneNode(true);
        later.classList.add("future");
        path.before(later);
        path.setAttribute("clip-path", "url(#" + id + ")");
      }
      line.setAttribute("class", "playhead");
      line.setAttribute("y1", 0);
      line.setAttribute("y2", svg.viewBox.baseVal.height);
      svg.append(line);
      charts.push({figure, gi, rect, line, left: +left, plot: +plot});
      svg.addEventListener("click", e => {
        const box = svg.getBoundingClientRect(), x = (e.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
        if (x >= +left) { goTo((x - left) / plot * run.end); show(); }
      });
    }
  });
}
function showCharts() {
  for (const c of charts) {
    const x = c.plot * at / run.end;
    c.rect.setAttribute("width", x + 10);
    c.line.setAttribute("x1", c.left + x);
    c.line.setAttribute("x2", c.left + x);
    c.figure.classList.toggle("away", c.gi !== group);
    if (c.gi === group) put(c.figure.querySelector(".lag-now"), thousands(cells[run.groups[group].slot + 3] || 0));
  }
}

// ---- events, narration, why ----
let shownTo = -1, shownCurrent = null, shownPicked = null;
function showEvents() {
  const to = current() + 1;
  if (shownTo < 0) { rows.forEach((r, i) => r.e.classList.toggle("later", i >= to)); } else {
    for (let i = Math.min(to, shownTo); i < Math.max(to, shownTo); i++) rows[i].e.classList.toggle("later", i >= to);
  }
  shownTo = to;
  let now = null;
  for (let i = to - 1; i >= 0 && !now; i--) if (passes(rows[i])) now = rows[i];
  const chosen = picked ? bySeq.get(picked) : null;
  if (now === shownCurrent && chosen === shownPicked) return;
  if (shownCurrent) shownCurrent.e.classList.remove("current");
  if (shownPicked) shownPicked.e.classList.remove("chosen");
  if (now) now.e.classList.add("current");
  if (chosen) chosen.e.classList.add("chosen");
  shownCurrent = now; shownPicked = chosen;
  follow((chosen || now || rows[0] || {}).e);
}
function follow(e) { // scroll the log, and only it
  if (!e) return;
  const b = body("events");
  if (b.scrollHeight <= b.clientHeight + 1) return;
  const box = e.getBoundingClientRect(), outer = b.getBoundingClientRect();
  b.scrollTop += box.top - outer.top - b.clientHeight * 0.62;
}
function sift() { // the rows that the filter lets through, with what is searched marked
  for (const r of rows) {
    r.e.classList.toggle("away", !passes(r));
    const td = r.e.cells[3], i = words ? (words === words.toLowerCase() ? r.text.toLowerCase() : r.text).indexOf(words) : -1;
    if (i < 0) { put(td, r.text); if (td.children.length) td.textContent = r.text; continue; }
    td.replaceChildren(r.text.slice(0, i), make("mark", "", r.text.slice(i, i + words.length)), r.text.slice(i + words.length));
  }
  put($("kinds"), ["", ": without log lines", ": trouble only"][kinds]);
  shownCurrent = shownPicked = null;
  for (const r of rows) r.e.classList.remove("current", "chosen");
}
function showNarration() {
  let last = null;
  for (const x of said) {
    const heard = saidBefore(x);
    x.e.classList.toggle("later", !heard);
    x.e.classList.add("before");
    if (heard) last = x;
  }
  const story = body("narration").querySelector(".story"); // until something is said, as on the screen
  if (story) story.hidden = !!last || !said.length && seq > 0;
  if (last) { last.e.classList.remove("before"); const b = body("narration"); b.scrollTop = last.e.offsetTop - b.offsetTop - 8; }
}
let shownWhy = "";
function showWhy() {
  const r = subject(), key = [r && r.seq, cause, focus === "why", seq, !!asked].join();
  if (key === shownWhy) return;
  shownWhy = key;
  const b = body("why");
  b.replaceChildren();
  if (!r) { b.append(make("p", "none", "Nothing has happened yet: n goes to the first event.")); return; }
  const all = chain(r), list = make("ol");
  cause = Math.min(cause, all.length - 1);
  const line = (sign, x, className) => {
    const li = make("li", className);
    li.append(make("span", "", sign), make("time", "", clock(x.at)), make("span", "", x.text));
    li.addEventListener("click", () => { if (x !== r) { trail.push(r.seq); pickWith(x); } });
    list.append(li);
  };
  all.forEach((x, i) => line(i ? "←" : "▶", x, i === cause && focus === "why" ? "chosen" : ""));
  rows.filter(x => x.cause === r.seq && x.stops).slice(0, 6).forEach(x => line("→", x, "effect"));
  b.append(list);
  if (r.rule >= 0) {
    const rule = run.rules[r.rule], e = make("div", "rule");
    e.append(make("b", "", "rule: " + rule.name));
    if (rule.meaning) e.append(make("div", "", rule.meaning));
    if (rule.document) { const a = make("a", "", rule.document); a.href = rule.document; a.rel = "noreferrer"; e.append(a); }
    b.append(e);
  }
}
function pickWith(x) { const t = trail; pick(x); trail = t; show(); }
