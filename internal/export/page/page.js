"use strict";
// Shows the run: what is shown when has been made by ksim and lies in #run. A moment is
// the number of an event and a time; nothing here is computed of the run but which part
// of it to show.
(() => {
const run = JSON.parse(document.getElementById("run").textContent);
const $ = id => document.getElementById(id);
const second = 1e6; // times are in microseconds
const speeds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 3600, 0]; // 0: the whole run in ten seconds

// The moment, and what is chosen.
let at = 0, seq = 0, playing = false, speed = 3;
let picked = 0, trail = [], cause = 0;
let kinds = 0, words = "", group = 0, focus = "events", asked = null, revealed = false;

// ---- texts ----
const pad = (n, w) => String(n).padStart(w, "0");
const thousands = n => n < 0 ? "–" : n.toLocaleString("en-US");
function clock(t) { // rounded up to milliseconds, as in all texts: a run until then has seen what happened
  const ms = Math.ceil(t / 1000), s = Math.floor(ms / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60);
  return (h ? h + "h" + pad(m % 60, 2) : m) + "m" + pad(s % 60, 2) + "." + pad(ms % 1000, 3);
}
function seconds(d) { return (Math.floor(d / 1e5) / 10).toLocaleString("en-US", {minimumFractionDigits: 1}); }
function limit(d) { return (d / second).toLocaleString("en-US", {maximumFractionDigits: 1}) + " s"; }
function make(tag, className, text) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}
function put(e, text) { if (e.textContent !== text) e.textContent = text; }
const signs = {plain: "", rebalance: "↻", good: "✓", warning: "!", trouble: "✗"};

// ---- frames: each has the cells that differ from the one before ----
const frames = run.frames, keyEvery = 64, keys = [];
(() => {
  const cells = new Array(run.slots).fill("");
  frames.forEach((f, i) => {
    for (let k = 0; k < f.c.length; k += 2) cells[f.c[k]] = f.c[k + 1];
    if (i % keyEvery === 0) keys.push(cells.slice());
  });
})();
let cellsOf = -1, cells = [];
function lastUpTo(n, behind) { // the last index of n for which behind is false, -1: none
  let low = 0, high = n;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (behind(mid)) high = mid; else low = mid + 1;
  }
  return low - 1;
}
function load(i) {
  if (i === cellsOf) return;
  let from = cellsOf + 1;
  if (cellsOf < 0 || i < cellsOf || i - cellsOf > keyEvery) {
    from = Math.floor(i / keyEvery) * keyEvery + 1;
    cells = keys[Math.floor(i / keyEvery)].slice();
  }
  for (; from <= i; from++) {
    const c = frames[from].c;
    for (let k = 0; k < c.length; k += 2) cells[c[k]] = c[k + 1];
  }
  cellsOf = i;
}

// ---- rows of the log, and what is said ----
const rows = Array.from(document.querySelectorAll("#log tbody tr")).map((e, i) => ({
  e, i, seq: +e.dataset.s, at: +e.dataset.t, type: e.dataset.y, log: e.classList.contains("log"), text: e.cells[3].textContent,
  tone: ["trouble", "warning", "good", "rebalance"].find(t => e.classList.contains(t)) || "plain",
  who: e.cells[1].textContent, cause: run.events[i][0], rule: run.events[i][1], stops: run.events[i][2] === 1,
}));
const bySeq = new Map(rows.map(r => [r.seq, r]));
const said = Array.from(document.querySelectorAll("#narration .said")).map((e, i) => ({e, i, seq: +e.dataset.s, at: +e.dataset.t, ask: !!e.querySelector(".ask"), ...run.said[i]}));
const saidBefore = x => x.seq < seq || x.seq === seq && x.at <= at;
const rebalances = r => r.type === "group.rebalancing" || r.type === "group.epoch";
const ofInterest = r => r.stops;
function passes(r) {
  if (kinds >= 1 && (r.log || r.type.startsWith("net."))) return false;
  if (kinds === 2 && r.tone !== "trouble" && r.tone !== "warning") return false;
  const fold = words === words.toLowerCase() ? s => s.toLowerCase() : s => s;
  return !words || fold(r.text).includes(words) || fold(r.who).includes(words) || r.type.includes(words);
}

// ---- moving ----
function moveTo(s, t) {
  seq = s; at = Math.min(Math.max(t, 0), run.end);
  picked = 0; trail = []; cause = 0; asked = null; revealed = false;
}
function seqAt(t) { // of the last event up to an instant
  const f = lastUpTo(frames.length, i => frames[i].t > t), r = lastUpTo(rows.length, i => rows[i].at > t);
  return Math.max(f < 0 ? 0 : frames[f].s, r < 0 ? 0 : rows[r].seq);
}
function goTo(t) { playing = false; t = Math.min(t, run.end); moveTo(t <= 0 ? 0 : seqAt(t), t); }
function forth(stops, withSaid) {
  playing = false;
  const next = rows.find(r => r.seq > seq && stops(r) && passes(r));
  if (withSaid && !words) {
    const x = said.find(x => !saidBefore(x) && (!next || x.seq < next.seq));
    if (x) { moveTo(x.seq, x.at); ask(x); return; }
  }
  if (!next) { tell("nothing more of this kind up to the end of the run"); return; }
  moveTo(next.seq, next.at);
  askNow();
}
function back(stops, withSaid) {
  playing = false;
  let prev = null;
  for (const r of rows) {
    if (r.seq > seq || r.seq === seq && at <= r.at) break;
    if (stops(r) && passes(r)) prev = r;
  }
  if (withSaid && !words) {
    let x = null;
    for (const s of said) if (saidBefore(s) && (s.seq !== seq || s.at < at) && (!prev || s.seq > prev.seq || s.seq === prev.seq && s.at > prev.at)) x = s;
    if (x) { moveTo(x.seq, x.at); return; }
  }
  if (prev) moveTo(prev.seq, prev.at); else moveTo(0, 0);
}
function chapterNow() { return Math.max(0, lastUpTo(run.chapters.length, i => { const c = run.chapters[i]; return c.s > seq || c.s === seq && c.t > at; })); }
function turnChapter(by) {
  playing = false;
  let i = chapterNow();
  const c = run.chapters[i];
  if (by > 0 || c.s === seq && c.t === at) i += by;
  if (i < 0) tell("this is the beginning");
  else if (i === run.chapters.length) tell("this is the last chapter");
  else openChapter(run.chapters[i]);
}
function openChapter(c) { moveTo(c.s, c.t); askNow(); tell(c.title); }
function togglePlay() {
  if (!playing && at >= run.end) { tell("this is the end of the run: g goes to the start"); return; }
  playing = !playing;
  if (playing) { picked = 0; trail = []; was = 0; requestAnimationFrame(tick); }
}
let was = 0;
function tick(now) {
  if (!playing) return;
  const passed = was ? Math.min(now - was, 1000) * 1000 : 0;
  was = now;
  let to = at + (speeds[speed] ? passed * speeds[speed] : passed * run.end / (10 * second));
  to = Math.min(to, run.end);
  const s = Math.max(seqAt(to), seq);
  const question = said.find(x => x.ask && !saidBefore(x) && (x.seq < s || x.seq === s && x.at <= to));
  if (question) { moveTo(question.seq, question.at); playing = false; ask(question); } else {
    seq = s; at = to;
    if (to >= run.end) playing = false;
  }
  show();
  if (playing) requestAnimationFrame(tick);
}
function changeSpeed(by) { speed = Math.min(Math.max(speed + by, 0), speeds.length - 1); tell("speed " + speedName()); }
function speedName() { const x = speeds[speed]; return x === 0 ? "×max" : x < 1 ? "×1/" + Math.round(1 / x) : "×" + thousands(x); }
let message = "";
function tell(text) { message = text; }

// ---- questions ----
const predictions = new Map(); // of a question: whether what was said first was right
let guess = "";
function ask(x) { if (x.ask) { asked = x; revealed = false; guess = ""; playing = false; } }
function askNow() { const x = said.find(x => x.ask && x.seq === seq && x.at === at); if (x) ask(x); }
function answer(key) {
  if (key === "esc" || revealed) { asked = null; return; }
  guess = (asked.choices || [])[key - 1] || "";
  revealed = true;
  if (guess && asked.answer && !predictions.has(asked)) predictions.set(asked, guess === asked.answer);
}
function answers(key) { return key === "space" || key === "enter" || key === "esc" || !revealed && key >= "1" && key <= String((asked.choices || []).length); }
function questionBody() {
  const b = make("div");
  if (!revealed) for (const p of asked.e.querySelectorAll("p:not(.ask)")) b.append(make("p", "", p.textContent));
  for (const p of asked.e.querySelectorAll(".ask")) b.append(make("p", "question", p.textContent));
  const choices = asked.choices || [];
  if (asked.derived && choices.length && !revealed) b.append(make("p", "none", "Which of these comes next?"));
  choices.forEach((text, i) => {
    const right = revealed && text === asked.answer, wrong = revealed && text === guess && asked.answer && !right;
    if (revealed && !right && text !== guess) return;
    const e = make("button", "choice " + (right ? "good" : wrong ? "trouble" : ""), (right ? "✓ " : wrong ? "✗ " : "") + (i + 1) + "  " + text + (revealed && text === guess ? "   ← your answer" : ""));
    e.dataset.choice = i + 1;
    b.append(e);
  });
  if (!revealed) { b.append(make("p", "none", (choices.length ? "1–" + choices.length + " chooses; " : "Decide first. Then: ") + "enter shows what happens, esc goes on without.")); return b; }
  const r = bySeq.get(asked.happens), x = said[asked.explained];
  if (asked.answer && !choices.includes(asked.answer)) b.append(make("p", "good", "✓ " + asked.answer));
  if (r) b.append(make("p", r.tone, (signs[r.tone] + " " + clock(r.at) + "  " + r.text).trim()));
  if (x) for (const p of x.e.querySelectorAll("p:not(.ask)")) b.append(make("p", "", p.textContent));
  if (!r && !x) b.append(make("p", "", "Nothing of interest happens after that."));
  if (predictions.size) b.append(make("p", "none", [...predictions.values()].filter(Boolean).length + " of " + predictions.size + " right so far"));
  b.append(make("p", "none", "enter goes on; n goes there"));
  return b;
}

// ---- choosing and causes ----
function current() { return lastUpTo(rows.length, i => rows[i].seq > seq); } // the last row that has happened
function subject() {
  if (picked) return bySeq.get(picked);
  for (let i = current(); i >= 0; i--) if (rows[i].stops || rows[i].seq === seq) return rows[i];
  return null;
}
function pick(r) { picked = r.seq; trail = []; cause = 0; playing = false; }
function choose(by) {
  if (focus === "why") { cause = Math.max(0, cause + by); return; }
  if (focus !== "events") { $(focus).querySelector(".body").scrollBy(0, by * 24); return; }
  const s = subject();
  let i = s ? s.i : -1, n = Math.abs(by), to = -1;
  while (n > 0) {
    i += Math.sign(by);
    if (i < 0 || i >= rows.length) break;
    if (passes(rows[i])) { to = i; n--; }
  }
  if (to >= 0) pick(rows[to]);
}
function chain(r) {
  const all = [r];
  for (let c = bySeq.get(r.cause); c && all.length < 100; c = bySeq.get(c.cause)) all.push(c);
  return all;
}
function why() {
  playing = false;
  const r = subject();
  if (!r) { tell("nothing has happened yet: n goes to the first event"); return; }
  if (focus !== "why") { setFocus("why"); cause = 0; tell("j and k choose a cause, enter follows it, t goes to its time, esc comes back"); return; }
  const c = chain(r), i = cause === 0 ? 1 : cause;
  if (i >= c.length) { tell("this is where it begins: the scenario says so"); return; }
  trail.push(r.seq);
  picked = c[i].seq;
  cause = 0;
}
function escape() {
  if (playing) playing = false;
  else if (trail.length) { picked = trail.pop(); cause = 0; }
  else if (picked) { picked = 0; cause = 0; }
  else if (document.body.classList.contains("zoomed")) document.body.classList.remove("zoomed");
  else if (words) { words = ""; $("find").value = ""; sift(); }
}

// ---- panels: built once, then their texts change ----
const panels = ["members", "groups", "partitions", "lag", "buffers", "events", "why", "narration"];
const body = id => $(id).querySelector(".body");
function setFocus(id) {
  if ($(id).hidden) { tell("there is nothing in that panel"); return; }
  focus = id;
  for (const p of panels) $(p).classList.toggle("focused", p === id);
  $(id).scrollIntoView({block: "nearest"});
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

// ---- everything ----
const marks = Array.from(document.querySelectorAll("#marks text"));
function show() {
  put($("clock"), clock(at));
  put($("playing"), playing ? "▶" : "❚❚");
  put($("play"), playing ? "❚❚ pause" : "▶ play");
  put($("speed"), speedName());
  put($("event"), "event " + thousands(seq) + " / " + thousands(frames[frames.length - 1].s));
  $("slider").value = 1000 * at / run.end;
  for (const m of marks) m.classList.toggle("later", +m.dataset.t > at);
  document.body.classList.toggle("asking", !!asked && !revealed);
  showState();
  showCharts();
  showEvents();
  showNarration();
  showWhy();
  put($("message"), message);
  showOverlay();
}
let overlay = "";
function showOverlay() {
  const d = $("overlay"), want = asked ? "asked" + asked.i + revealed : overlay;
  if (d.dataset.shows === want) return;
  d.dataset.shows = want;
  if (!want) { if (d.open) d.close(); return; }
  d.firstElementChild.replaceChildren(asked ? questionBody() : want === "chapters" ? chaptersBody() : helpBody());
  if (!d.open) d.showModal();
}

// ---- keys: what they do is decided here, and the help is made of it ----
const keyTable = [
  ["Time", [
    ["space", "play, pause", togglePlay, "play"],
    ["n right l", "next event of interest", () => forth(ofInterest, true), "forth"],
    ["p left h", "previous event of interest", () => back(ofInterest, true), "back"],
    [".", "next single line, log and requests too", () => forth(() => true, false)],
    [",", "previous single line", () => back(() => true, false)],
    ["}", "next rebalance", () => forth(rebalances, false), "rebalanceForth"],
    ["{", "previous rebalance", () => back(rebalances, false), "rebalanceBack"],
    [">", "faster", () => changeSpeed(1), "faster"],
    ["<", "slower", () => changeSpeed(-1), "slower"],
    [")", "next chapter", () => turnChapter(1)],
    ["(", "this chapter's beginning, previous chapter", () => turnChapter(-1)],
    ["c", "the chapters: go to one", () => { overlay = "chapters"; }, "chapters"],
    ["g home", "to the start", () => goTo(0), "start"],
    ["G end", "to the end", () => goTo(run.end), "end"],
    ["t", "to the time of the event that is chosen", () => { const r = picked && bySeq.get(picked); if (r) { playing = false; moveTo(r.seq, r.at); } else tell("no event is chosen: 6 goes to the events, j and k choose one"); }],
  ]],
  ["Panels", [
    ["tab", "next panel", () => turnFocus(1)],
    ["backtab", "previous panel", () => turnFocus(-1)],
    ["1 2 3 4 5 6 7 8", "the panel of that number", key => setFocus(panels[key - 1])],
    ["z", "this panel large, and back", () => document.body.classList.toggle("zoomed")],
    ["j down", "down: choose the next line", () => choose(1)],
    ["k up", "up: choose the line before", () => choose(-1)],
    ["ctrl-d pgdn", "down by ten", () => choose(10)],
    ["ctrl-u pgup", "up by ten", () => choose(-10)],
    ["]", "next group", () => { group = (group + 1) % run.groups.length; }],
    ["[", "previous group", () => { group = (group + run.groups.length - 1) % run.groups.length; }],
  ]],
  ["Why", [
    ["enter", "why: the causes; again: follow the one that is chosen", why, "why"],
    ["/", "search: show and step through what has these words", () => { setFocus("events"); $("find").focus(); $("find").select(); }],
    ["f", "all events, without log lines, trouble only", () => { kinds = (kinds + 1) % 3; sift(); tell("events: " + ["all", "without log lines", "trouble only"][kinds]); }],
    [":", "go to a time, such as 7m31s", () => { $("goto").hidden = false; $("goto").value = ""; $("goto").focus(); }],
  ]],
  ["Others", [
    ["?", "this help", () => { overlay = overlay ? "" : "help"; }, "help"],
    ["esc", "back", escape],
    ["q", "a page has nothing to quit: close its tab", () => tell("close the tab to quit")],
  ]],
];
const byKey = {}, byName = {};
for (const [, all] of keyTable) for (const [names, , does, name] of all) {
  for (const k of names.split(" ")) byKey[k] = does;
  if (name) byName[name] = does;
}
function goToTyped(typed) {
  const text = typed.trim().replace(/^:?(goto\s+)?/, "");
  if (!text) return;
  const m = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s?)?$/.exec(text);
  if (!m) { tell("a time is such as 7m31s, 90s or 450, not " + text); return; }
  goTo(((+m[1] || 0) * 3600 + (+m[2] || 0) * 60 + (+m[3] || 0)) * second);
}
function helpBody() {
  const b = make("div");
  for (const [title, all] of keyTable) {
    const dl = make("dl");
    for (const [names, help] of all) dl.append(make("dt", "", names.replace("right", "→").replace("left", "←").replace("down", "↓").replace("up", "↑").replace("backtab", "shift-tab")), make("dd", "", help));
    b.append(make("h3", "", title), dl);
  }
  b.append(make("p", "none", "To try what if (a crash, a slower upload): ksim run FILE, and :crash A there."));
  return b;
}
function chaptersBody() {
  const b = make("div"), now = chapterNow();
  b.append(make("h3", "", "Chapters"));
  run.chapters.forEach((c, i) => {
    const e = make("button", "choice", (i === now ? "▶ " : "") + clock(c.t) + "  " + c.title);
    e.dataset.chapter = i;
    b.append(e);
  });
  return b;
}
const keyNames = {" ": "space", Enter: "enter", Escape: "esc", Tab: "tab", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Home: "home", End: "end", PageUp: "pgup", PageDown: "pgdn"};
function keyName(e) {
  if (e.altKey || e.metaKey) return "";
  if (e.ctrlKey) return e.key === "d" || e.key === "u" ? "ctrl-" + e.key : "";
  if (e.key === "Tab" && e.shiftKey) return "backtab";
  return keyNames[e.key] || e.key;
}
document.addEventListener("keydown", e => {
  const key = keyName(e);
  if (e.target === $("find")) {
    if (key === "enter") $("find").blur();
    else if (key === "esc") { $("find").value = ""; words = ""; sift(); $("find").blur(); show(); }
    else return;
    e.preventDefault();
    return;
  }
  if (e.target === $("goto")) {
    if (key !== "enter" && key !== "esc") return;
    const typed = key === "enter" ? $("goto").value : "";
    e.preventDefault();
    $("goto").hidden = true;
    message = "";
    goToTyped(typed);
    show();
    return;
  }
  if (!key || (e.target.tagName === "A" || e.target.dataset.chapter) && key === "enter") return;
  message = "";
  if (asked && answers(key)) answer(key);
  else if (overlay === "chapters" && key === "tab") return;
  else if (overlay) overlay = "";
  else if (byKey[key]) byKey[key](key);
  else { if (key.length === 1) { tell(key + " does nothing here: ? shows the keys"); show(); } return; }
  e.preventDefault();
  show();
});
document.addEventListener("click", e => {
  const button = e.target.closest("[data-do]"), row = e.target.closest("#log tbody tr"), mark = e.target.closest("#marks text");
  if (button) { message = ""; byName[button.dataset.do](); button.blur(); } else if (row) { message = ""; setFocus("events"); pick(bySeq.get(+row.dataset.s)); } else if (mark) goTo(+mark.dataset.t);
  else return;
  show();
});
$("slider").addEventListener("input", () => { goTo($("slider").value / 1000 * run.end); show(); });
$("find").addEventListener("input", () => { words = $("find").value; sift(); show(); });
$("overlay").addEventListener("cancel", e => e.preventDefault());
$("overlay").addEventListener("click", e => {
  if (asked) answer(e.target.dataset.choice || "enter");
  else {
    overlay = "";
    if (e.target.dataset.chapter) openChapter(run.chapters[e.target.dataset.chapter]);
  }
  show();
});
for (const p of panels) $(p).addEventListener("mousedown", () => { focus = p; for (const q of panels) $(q).classList.toggle("focused", q === p); });
const measure = () => document.documentElement.style.setProperty("--top", $("top").offsetHeight + "px");
window.addEventListener("resize", measure);

document.body.classList.add("live");
build();
buildCharts();
measure();
setFocus("events");
show();
})();
