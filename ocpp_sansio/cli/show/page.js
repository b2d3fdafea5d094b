"use strict";
// The rows of a story, of which only those in view exist. What peers said comes in as JSON, and goes out as the text
// of nodes: it is never markup.
(() => {
  const trace = JSON.parse(document.getElementById("trace").textContent);
  const $ = (id) => document.getElementById(id);
  const ROW = 30, AROUND = 12, PRINTED = 5000, MOST_HEIGHT = 12000000;
  const KINDS = { 2: "call", 3: "result", 4: "error", 5: "error", 6: "send" };
  const NAMES = { 2: "CALL", 3: "CALLRESULT", 4: "CALLERROR", 5: "CALLRESULTERROR", 6: "SEND" };
  const LINE = 0, WHEN = 1, STATION = 2, TO_CSMS = 3, KIND = 4, ACTION = 5, TOOK = 6, TEXT = 7, FINDINGS = 8;
  const PATH = 0, RULE = 1, EXPECTED = 2, GOT = 3, IS_FAULT = 4;
  const rows = trace.rows;
  let shown = [];      // what the filters leave: a row's number, or {gap} or {mark}
  let chosen = -1;     // a row's number

  // What turns the direction of a text, or cannot be seen, is shown as JSON spells it.
  const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
  const seen = (text) => String(text).replace(UNSEEN, (sign) => "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0"));

  const element = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = seen(text);
    return made;
  };

  // --- words -----------------------------------------------------------------------------------------

  const two = (number) => String(number).padStart(2, "0");

  function clock(when) {
    if (when === null) return "";
    if (!trace.dated) return when.toFixed(3) + " s";
    const moment = new Date(when * 1000);
    return `${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}:${two(moment.getUTCSeconds())}.` +
      String(moment.getUTCMilliseconds()).padStart(3, "0");
  }

  function day(when) {
    return when === null || !trace.dated ? "" : new Date(when * 1000).toISOString().slice(0, 10);
  }

  function seconds(number) {
    if (number < 1) return Math.round(number * 1000) + " ms";
    if (number < 59.95) return number.toFixed(1) + " s";
    const whole = Math.round(number);
    if (whole < 7200) return Math.floor(whole / 60) + " min" + (whole % 60 ? ` ${whole % 60} s` : "");
    if (number < 172800) return Math.floor(number / 3600) + " h " + Math.floor(number / 60 % 60) + " min";
    return Math.floor(number / 86400) + " days " + Math.floor(number / 3600 % 24) + " h";
  }

  // The payload, cut: what stands behind type, id and action, without the end of the array.
  const HEADS = { 2: 2, 3: 1, 4: 1, 5: 1, 6: 2 }, STRING = '"(?:[^"\\\\]|\\\\.)*"\\s*,\\s*';
  const head = (strings) => new RegExp(`^\\[\\s*\\d\\s*,\\s*${STRING.repeat(strings)}`);
  const ONE = head(1), TWO = head(2);

  function gist(row) {
    const strings = HEADS[row[KIND]];
    if (!strings) return row[TEXT].slice(0, 160);
    return row[TEXT].slice(0, 2000).replace(strings === 1 ? ONE : TWO, "").replace(/\]\s*$/, "").slice(0, 160);
  }

  const worst = (row) => row[FINDINGS].some((f) => f[IS_FAULT]) ? "fault" : row[FINDINGS].length ? "doubt" : "";

  // --- filters ---------------------------------------------------------------------------------------

  function wanted() {
    const station = $("station").value, action = $("action").value;
    const words = $("search").value.toLowerCase(), onlyFaults = $("only").value;
    return (row) => (station === "" || row[STATION] === Number(station)) &&
      (action === "" || row[ACTION] === action) &&
      (onlyFaults === "" || (onlyFaults === "any" ? row[FINDINGS].length > 0 : worst(row) === "fault")) &&
      (words === "" || row[TEXT].toLowerCase().includes(words) || row[ACTION].toLowerCase().includes(words));
  }

  function filter() {
    const isWanted = wanted(), station = $("station").value;
    const isWhole = $("action").value === "" && $("search").value === "" && $("only").value === "";
    shown = [];
    let last = null, count = 0, mark = 0;
    rows.forEach((row, number) => {
      for (; mark < trace.marks.length && trace.marks[mark][0] <= row[LINE]; mark++) {
        const [, when, who, isConnected] = trace.marks[mark];
        if (isWhole && (station === "" || who === Number(station))) shown.push({ mark: isConnected, when, who });
      }
      if (!isWanted(row)) return;
      const when = row[WHEN];
      if (when !== null && last !== null) {
        if (day(when) !== day(last)) shown.push({ gap: when - last, day: day(when) });
        else if (when - last >= trace.silence) shown.push({ gap: when - last });
      } else if (when !== null && day(when)) shown.push({ day: day(when) });
      if (when !== null) last = when;
      shown.push(number);
      count++;
    });
    $("count").textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} messages`;
    $("none").hidden = count > 0;
    scale = Math.min(1, MOST_HEIGHT / (shown.length * ROW));
    $("room").style.height = shown.length * ROW * scale + "px";
    drawn = [-1, -1];
    draw();
  }

  // --- rows ------------------------------------------------------------------------------------------

  let drawn = [-1, -1], scale = 1; // browsers do not scroll further than some million pixels

  function draw() {
    const view = $("view"), room = $("room");
    const top = view.scrollTop / scale;
    const first = Math.max(0, Math.floor(top / ROW) - AROUND);
    const end = Math.min(shown.length, Math.ceil((top + view.clientHeight) / ROW) + AROUND);
    if (scale === 1 && first === drawn[0] && end === drawn[1]) return;
    drawn = [first, end];
    room.replaceChildren(...shown.slice(first, end).map((item, i) => {
      const made = typeof item === "number" ? drawRow(item) : drawBreak(item);
      made.style.top = (first + i) * ROW - top + view.scrollTop + "px";
      return made;
    }));
  }

  function drawBreak(item) {
    const made = element("div", "row break");
    let text;
    if (item.mark !== undefined) {
      const who = trace.stations[item.who] || "the station";
      text = `${clock(item.when)} ${who} ${item.mark ? "connected" : "disconnected"}`;
      if (!item.mark) made.classList.add("lost");
    } else {
      const silence = item.gap === undefined ? "" : `${seconds(item.gap)} of silence`;
      text = [item.day, silence].filter(Boolean).join(" · ");
    }
    made.append(element("span", "", text));
    return made;
  }

  // Names of stations often differ in their last letters alone, so those are what is left where room is scarce.
  function who(name) {
    const made = element("span", "who");
    made.append(element("span", "", name.slice(0, -6)), element("span", "", name.slice(-6)));
    made.title = seen(name);
    return made;
  }

  function drawRow(number) {
    const row = rows[number], kind = KINDS[row[KIND]] || "odd";
    const made = element("div", `row ${worst(row)} ${row[TO_CSMS] ? "right" : "left"}`);
    made.dataset.row = number;
    made.setAttribute("role", "option");
    made.id = "row" + number;
    if (number === chosen) { made.classList.add("chosen"); made.setAttribute("aria-selected", "true"); }
    const lane = element("span", "lane"), arrow = element("span", `arrow ${kind}`);
    if (row[KIND] === 3 || row[KIND] === 4) arrow.classList.add("answer");
    const label = element("span", "label");
    label.append(element("span", `name ${kind}`, row[ACTION] || (row[KIND] ? NAMES[row[KIND]] : "no message")));
    label.append(element("span", "gist", gist(row)));
    lane.append(arrow, label);
    const took = element("span", "took", row[TOOK] === null ? "" : seconds(row[TOOK]));
    if (row[TOOK] !== null && row[TOOK] > 5) took.classList.add("slow");
    made.append(element("span", "time", clock(row[WHEN])), who(trace.stations[row[STATION]]), lane, took);
    return made;
  }

  // --- one message -----------------------------------------------------------------------------------

  function choose(number, scroll) {
    chosen = number;
    const place = shown.indexOf(number), view = $("view");
    if (scroll && place >= 0) {
      const at = place * ROW * scale;
      if (at < view.scrollTop || at > view.scrollTop + view.clientHeight - ROW) view.scrollTop = at - view.clientHeight / 3;
    }
    drawn = [-1, -1];
    draw();
    view.setAttribute("aria-activedescendant", "row" + number);
    showOne();
  }

  function showOne() {
    const panel = $("one"), row = rows[chosen];
    panel.hidden = !row;
    if (!row) return;
    const shut = element("button", "", "Close");
    shut.id = "shut";
    shut.addEventListener("click", () => { chosen = -1; showOne(); drawn = [-1, -1]; draw(); $("view").focus(); });
    const way = row[TO_CSMS] ? "station → CSMS" : "CSMS → station";
    const about = [NAMES[row[KIND]] || "no message", way, trace.stations[row[STATION]], day(row[WHEN]), clock(row[WHEN]),
      row[TOOK] === null ? "" : "after " + seconds(row[TOOK]), "line " + row[LINE]];
    const findings = row[FINDINGS].map((finding) => {
      const made = element("p", finding[IS_FAULT] ? "finding" : "finding doubt");
      made.append(element("b", "", finding[RULE].replaceAll("_", " ")), " at ", element("code", "", finding[PATH]),
        finding[GOT] ? `: ${finding[GOT]} instead of ${finding[EXPECTED]}` : ": expected " + finding[EXPECTED]);
      return made;
    });
    const copy = element("button", "", "Copy the message");
    copy.addEventListener("click", () => navigator.clipboard && navigator.clipboard.writeText(row[TEXT]));
    panel.replaceChildren(shut, element("h2", KINDS[row[KIND]] || "odd", row[ACTION] || NAMES[row[KIND]] || "Not a message"),
      element("p", "about", about.filter(Boolean).join(" · ")), ...findings, body(row), copy);
    panel.scrollTop = 0;
  }

  function body(row) {
    const made = element("pre");
    let value;
    try { value = JSON.parse(row[TEXT]); } catch { made.textContent = seen(row[TEXT]); return made; }
    const marks = new Map();
    for (const finding of row[FINDINGS]) {
      const key = placeOf(finding[PATH], row[KIND], value);
      if (!marks.has(key)) marks.set(key, []);
      marks.get(key).push(finding);
    }
    write(made, value, "$", "", marks);
    return made;
  }

  // The rules of a payload name a place in it, those of a frame one in the frame: both as the frame has it.
  function placeOf(path, kind, value) {
    if (/^\$\[\d\]$/.test(path)) return path;
    const payload = { 2: 3, 3: 2, 6: 3 }[kind];
    if (payload === undefined || path === "$" || !Array.isArray(value)) return path;
    return "$[" + payload + "]" + path.slice(1);
  }

  const NUMBERS = /-?\d/;

  function write(made, value, path, indent, marks) {
    const found = marks.get(path);
    let into = made;
    if (found) {
      into = element("mark", found.some((f) => f[IS_FAULT]) ? "" : "doubt");
      made.append(into);
    }
    if (Array.isArray(value) || (value !== null && typeof value === "object")) {
      const isList = Array.isArray(value), inner = indent + "  ", entries = Object.entries(value);
      const missing = [...marks].filter(([key]) => key.startsWith(path + ".") && !isList &&
        !/[.[]/.test(key.slice(path.length + 1)) && !(key.slice(path.length + 1) in value));
      into.append(isList ? "[" : "{");
      entries.forEach(([key, item], i) => {
        into.append("\n" + inner);
        if (!isList) into.append(element("span", "key", JSON.stringify(key)), ": ");
        write(into, item, isList ? `${path}[${key}]` : `${path}.${key}`, inner, marks);
        if (i + 1 < entries.length) into.append(",");
      });
      for (const [key, findings] of missing) {
        const absent = element("mark", findings.some((f) => f[IS_FAULT]) ? "" : "doubt", JSON.stringify(key.slice(path.length + 1)));
        into.append("\n" + inner, absent, why(findings));
      }
      into.append(entries.length || missing.length ? "\n" + indent : "", isList ? "]" : "}");
    } else {
      const text = JSON.stringify(value);
      into.append(element("span", typeof value === "string" ? "text" : NUMBERS.test(text) ? "number" : "", text));
    }
    if (found) made.append(why(found));
  }

  function why(findings) {
    const first = findings[0];
    return element("span", first[IS_FAULT] ? "why" : "why doubt", "  ← expected " + first[EXPECTED]);
  }

  // --- ways through it -------------------------------------------------------------------------------

  function step(by, isWanted) {
    let place = shown.indexOf(chosen);
    if (place < 0) place = by > 0 ? -1 : shown.length;
    for (place += by; place >= 0 && place < shown.length; place += by) {
      const item = shown[place];
      if (typeof item === "number" && isWanted(rows[item])) { choose(item, true); return; }
    }
  }

  const any = () => true, faulty = (row) => row[FINDINGS].length > 0;
  const KEYS = {
    ArrowDown: () => step(1, any), j: () => step(1, any), ArrowUp: () => step(-1, any), k: () => step(-1, any),
    n: () => step(1, faulty), p: () => step(-1, faulty), "/": () => $("search").focus(),
    Escape: () => { chosen = -1; showOne(); drawn = [-1, -1]; draw(); },
    Home: () => { $("view").scrollTop = 0; }, End: () => { $("view").scrollTop = $("room").clientHeight; },
    t: () => $("theme").click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = /^(INPUT|SELECT)$/.test(event.target.tagName);
    if (isTyping) { if (event.key === "Escape") $("view").focus(); return; }
    const act = KEYS[event.key];
    if (act) { act(); event.preventDefault(); }
  });
  $("view").addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  $("view").addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) choose(Number(row.dataset.row), false);
  });
  window.addEventListener("resize", () => { drawn = [-1, -1]; draw(); });
  for (const id of ["station", "action", "only"]) $(id).addEventListener("change", filter);
  let typing;
  $("search").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(filter, 120); });
  $("next").addEventListener("click", () => step(1, faulty));
  $("previous").addEventListener("click", () => step(-1, faulty));
  $("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });
  window.addEventListener("beforeprint", () => {
    $("room").replaceChildren(...shown.slice(0, PRINTED).map((item) => typeof item === "number" ? drawRow(item) : drawBreak(item)));
  });
  window.addEventListener("afterprint", () => { drawn = [-1, -1]; draw(); });

  // --- the beginning ---------------------------------------------------------------------------------

  function options(select, names) {
    for (const [value, name] of names) {
      const made = element("option", "", name);
      made.value = value;
      select.append(made);
    }
  }

  const perStation = trace.stations.map(() => 0), perAction = new Map();
  let faults = 0, doubts = 0;
  for (const row of rows) {
    perStation[row[STATION]]++;
    if (row[ACTION]) perAction.set(row[ACTION], (perAction.get(row[ACTION]) || 0) + 1);
    for (const finding of row[FINDINGS]) finding[IS_FAULT] ? faults++ : doubts++;
  }
  options($("station"), trace.stations.map((name, i) => [i, `${name} (${perStation[i].toLocaleString("en")})`]));
  options($("action"), [...perAction].sort().map(([name, n]) => [name, `${name} (${n.toLocaleString("en")})`]));
  const facts = $("facts"), times = rows.map((row) => row[WHEN]).filter((when) => when !== null);
  const fact = (number, one, many, name) => {
    facts.append(element("b", number ? name : "", number.toLocaleString("en")), ` ${number === 1 ? one : many} · `);
  };
  fact(rows.length, "message", "messages");
  fact(trace.stations.length, "station", "stations");
  fact(faults, "fault", "faults", "fault");
  fact(doubts, "suspicion", "suspicions", "doubt");
  if (times.length) {
    const first = times.reduce((a, b) => Math.min(a, b)), last = times.reduce((a, b) => Math.max(a, b));
    facts.append([day(first), seconds(last - first)].filter(Boolean).join(", over "));
  }
  for (const note of trace.notes) facts.append(element("br"), note);
  $("next").disabled = $("previous").disabled = faults + doubts === 0;
  filter();
  $("view").focus();
})();
