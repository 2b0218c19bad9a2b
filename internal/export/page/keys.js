// Everything together, and what keys and the mouse do.

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
setFocus("events", false); // a page begins at its top: on a telephone the events are far below
show();
