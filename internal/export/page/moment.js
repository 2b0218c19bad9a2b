// The page's script shows the run: what is shown when has been made by ksim and lies in
// #run. A moment is the number of an event and a time; nothing is computed of the run
// but which part of it to show. These files are one script: moment.js (where in the run
// we are, and how one moves), panels.js (what is seen), keys.js (what keys do).

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
