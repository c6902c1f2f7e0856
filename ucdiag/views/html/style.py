"""The style sheet and the script of the page, both in ASCII. Their hashes stand in the page's policy."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --card: #ffffff; --line: #d7dde4; --text: #1b2430; --quiet: #525f6e;
  --bad: #a61b14; --bad-wash: #fdf0ef; --ask: #7a4d00; --ask-wash: #fdf5e3; --good: #17643a; --good-wash: #ecf7f0;
  --link: #0b57a4; --code: #f1f3f6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1a2027; --line: #36404b; --text: #e3e8ee; --quiet: #a5b0bd;
    --bad: #ff9a90; --bad-wash: #33201f; --ask: #f1c46b; --ask-wash: #302817; --good: #83d6a2; --good-wash: #18291f;
    --link: #8cc2ff; --code: #232a33;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text); line-height: 1.5;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; color: var(--quiet); }
header p { max-width: none; margin: 0 0 .25rem; overflow-wrap: anywhere; }
header strong { color: var(--text); }
footer { padding-bottom: 2rem; color: var(--quiet); font-size: .875rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0; font-weight: 600; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 .75rem; font-weight: 600; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; font-weight: 600; }
h4 { font-size: .95rem; margin: 1rem 0 .25rem; font-weight: 600; }
p { margin: 0 0 .6rem; max-width: 48rem; }
p, h1, h2, h3, li, dd, summary { overflow-wrap: anywhere; }
td, th { overflow-wrap: break-word; }
code, pre, td, th, dd, .ln { unicode-bidi: isolate; }
code, pre, .ln, .mono { font-family: ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", Menlo, monospace; }
code, pre, .ln { font-size: .875rem; }
th code { font-size: 1em; }
a { color: var(--link); }
section, .card {
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.4rem; margin: 1rem 0;
}
section * + h2 { margin-top: 1.4rem; }
section section { border: 0; padding: 0; margin: 1.25rem 0 0; background: none; }
.id { display: flex; flex-wrap: wrap; gap: .15rem 1.75rem; margin: .6rem 0 0; }
.id div { min-width: 0; }
.id dt { font-size: .8rem; color: var(--quiet); }
.id dd { margin: 0; color: var(--text); font-weight: 500; overflow-wrap: anywhere; }
.verdict { border-left: 6px solid var(--quiet); }
.verdict .lead { font-weight: 700; margin: 0 0 .3rem; letter-spacing: .01em; }
.verdict .code { margin: .5rem 0 0; color: var(--quiet); }
.broken.verdict { border-left-color: var(--bad); background: var(--bad-wash); }
.unknown.verdict { border-left-color: var(--ask); background: var(--ask-wash); }
.whole.verdict { border-left-color: var(--good); background: var(--good-wash); }
.broken .lead, .failed .mark, .error .level, .is-bad { color: var(--bad); }
.unknown .lead, .warning .mark, .warning .level, .is-ask { color: var(--ask); }
.whole .lead, .ok .mark, .is-good { color: var(--good); }
.level { font-weight: 600; }
.quiet, .where { color: var(--quiet); }
.code code, .tag {
  background: var(--code); border: 1px solid var(--line); border-radius: 5px; padding: .05rem .4rem; color: var(--text);
}
.where { margin: .6rem 0 .25rem; font-size: .92rem; }
.where strong { color: var(--text); }
.pick { border-left: 3px solid var(--line); padding-left: .9rem; margin: .5rem 0; }
.cmd { display: flex; align-items: stretch; gap: .5rem; margin: 0 0 .4rem; }
.cmd pre {
  flex: 1; min-width: 0; margin: 0; padding: .55rem .75rem; background: var(--code); border: 1px solid var(--line);
  border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere;
}
.cmd code { -webkit-user-select: all; user-select: all; }
button {
  font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 6px;
}
button:hover { border-color: var(--quiet); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.cmd button { flex: none; align-self: flex-start; padding: .45rem .8rem; font-size: .875rem; cursor: pointer; }
[hidden] { display: none !important; }
.steps { list-style: none; margin: 0; padding: 0; }
.steps li {
  display: grid; grid-template-columns: 1.4rem 7.5rem minmax(0, 1fr) auto; gap: 0 .5rem; padding: .3rem 0;
  border-top: 1px solid var(--line);
}
.steps li:first-child { border-top: 0; }
.steps .mark { font-weight: 700; text-align: center; }
.steps .name { font-weight: 600; }
.steps .took { color: var(--quiet); white-space: nowrap; font-variant-numeric: tabular-nums; }
.rest .name, .rest .says { color: var(--quiet); font-weight: 400; }
figure { margin: 0 0 1rem; }
svg { display: block; max-width: 100%; height: auto; }
svg text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif; }
svg text { fill: var(--text); }
svg .b { font-weight: 600; }
svg .q { fill: var(--quiet); }
svg .n { font-variant-numeric: tabular-nums; }
svg .s { font-size: 12px; }
svg .f-bad { fill: var(--bad); } svg .f-ask { fill: var(--ask); } svg .f-good { fill: var(--good); }
svg .f-card { fill: var(--card); } svg .f-line { fill: var(--line); } svg .f-quiet { fill: var(--quiet); }
svg .f-wash { fill: var(--bad-wash); } svg .f-askwash { fill: var(--ask-wash); } svg .f-page { fill: var(--code); }
svg .l { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
svg .l-line { fill: none; stroke: var(--line); stroke-width: 1.5; }
svg .l-bad { fill: none; stroke: var(--bad); stroke-width: 2.5; }
svg .l-ask { fill: none; stroke: var(--ask); stroke-width: 2.5; }
svg .l-good { fill: none; stroke: var(--good); stroke-width: 2.5; }
svg .l-gone { fill: none; stroke: var(--quiet); stroke-width: 2; stroke-dasharray: 3 6; }
svg .ring { stroke-width: 2; fill: var(--card); }
svg .ring.l-gone { stroke-dasharray: none; stroke: var(--line); }
svg .glyph { fill: none; stroke: var(--card); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
.scroll { overflow-x: auto; }
.ladder svg { min-width: 46rem; }
details { margin: .5rem 0; }
details > summary { cursor: pointer; color: var(--link); padding: .2rem 0; }
details > :not(summary) { margin-left: 1.1rem; }
.facts { margin: .3rem 0 .6rem; padding-left: 1.2rem; }
.facts li { margin: .2rem 0; }
.finding { border-top: 1px solid var(--line); padding: .8rem 0 .2rem; }
h2 + .finding { border-top: 0; padding-top: 0; }
.finding > p { margin: 0 0 .3rem; }
td pre span { display: block; min-height: 1.2em; }
.lines p { margin: 0 0 .15rem; white-space: pre-wrap; max-width: none; }
.lines .ln { overflow-x: auto; }
.i2 { padding-left: 1.2rem; } .i4 { padding-left: 2.2rem; } .i6 { padding-left: 3.2rem; } .i8 { padding-left: 4.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--line); white-space: nowrap; }
th button { border: 0; background: none; padding: 0; font-weight: 600; cursor: pointer; text-align: left; }
th button::after { content: " \\2195"; color: var(--quiet); }
[aria-sort=ascending] button::after { content: " \\2191"; color: var(--text); }
[aria-sort=descending] button::after { content: " \\2193"; color: var(--text); }
tbody th { font-weight: 500; }
tbody .cause { background: var(--code); font-weight: 600; padding-top: .6rem; }
table.phones { min-width: 60rem; table-layout: fixed; font-size: .84rem; font-variant-numeric: tabular-nums; }
table.phones td, table.phones tbody th { overflow-wrap: anywhere; }
.w-mac { width: 9.3rem; } .w-ip { width: 7.4rem; } .w-model { width: 8rem; } .w-serial { width: 8rem; }
.w-firmware { width: 6.6rem; } .w-last { width: 9rem; }
.counts { display: flex; flex-wrap: wrap; gap: .4rem 1.75rem; list-style: none; padding: 0; margin: .8rem 0 0; }
.counts b { font-size: 1.25rem; }
.bar { width: 100%; height: 10px; margin-top: .9rem; border-radius: 5px; }
.problems p { margin: .2rem 0; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 40rem) {
  header, main, footer { padding-left: .8rem; padding-right: .8rem; }
  section, .card { padding: 1rem .9rem; border-radius: 8px; }
  h1 { font-size: 1.25rem; }
  .wide { display: none; }
  .steps li { grid-template-columns: 1.4rem minmax(0, 1fr) auto; }
  .steps .says { grid-column: 2 / 4; }
  .steps .took { grid-row: 1; grid-column: 3; }
  .cmd { flex-direction: column; gap: .3rem; }
  .cmd pre { flex: none; }
}
@media print {
  :root {
    --page: #ffffff; --card: #ffffff; --line: #c4cbd3; --text: #000000; --quiet: #444c55;
    --bad: #a61b14; --bad-wash: #ffffff; --ask: #7a4d00; --ask-wash: #ffffff; --good: #17643a; --good-wash: #ffffff;
    --link: #000000; --code: #f6f7f8; color-scheme: light;
  }
  @page { margin: 15mm 14mm; }
  body { font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  header, main, footer { max-width: none; padding: 0; }
  section, .card { border-radius: 0; padding: .6rem 0; margin: 0 0 .4rem; border-width: 1px 0 0; }
  .verdict { border-width: 1px 1px 1px 5px; padding: .7rem .9rem; }
  button { display: none; }
  th button { display: contents; }
  th button::after { content: none !important; }
  .scroll { overflow: visible; }
  .ladder svg, table.phones { min-width: 0; }
  table.phones { font-size: 7.5pt; }
  table.phones th, table.phones td { padding: .15rem .3rem; white-space: normal; }
  .w-mac, .w-last { width: 15%; } .w-ip, .w-model, .w-serial, .w-firmware { width: 12%; }
  .again { display: none; }
  h2, h3, h4, .where { break-after: avoid; }
  .cmd, figure, .steps li, tr, .finding > p { break-inside: avoid; }
  thead { display: table-header-group; break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { list-style: none; color: var(--text); font-weight: 600; }
}
"""

SCRIPT = """
"use strict";
(function () {
  var status = document.getElementById("status");
  function say(words) { if (status) { status.textContent = ""; status.textContent = words; } }
  function select(node) {
    var range = document.createRange();
    range.selectNodeContents(node);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
  function done(button, good) {
    button.textContent = good ? "Copied" : "Selected";
    say(good ? "Copied." : "Selected: copy it with the keyboard.");
    setTimeout(function () { button.textContent = "Copy"; }, 2000);
  }
  function copy(event) {
    var button = event.currentTarget, code = button.parentNode.querySelector("code");
    function fall() {
      var good = false;
      select(code);
      try { good = document.execCommand("copy"); } catch (error) { good = false; }
      done(button, good);
    }
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(code.textContent).then(function () { done(button, true); }, fall);
    } else { fall(); }
  }
  document.querySelectorAll("button.copy").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", copy);
  });
  function sort(table, head, index) {
    var down = head.getAttribute("aria-sort") === "ascending";
    var order = new Intl.Collator("en", {numeric: true, sensitivity: "base"}).compare;
    table.querySelectorAll("thead th").forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    Array.prototype.forEach.call(table.tBodies, function (body) {
      var rows = Array.prototype.filter.call(body.rows, function (row) { return row.cells.length > 1; });
      var keyed = rows.map(function (row) { return {row: row, key: row.cells[index].textContent}; });
      keyed.sort(function (one, two) {
        if (!one.key !== !two.key) { return one.key ? -1 : 1; }
        return down ? order(two.key, one.key) : order(one.key, two.key);
      });
      var sorted = document.createDocumentFragment();
      keyed.forEach(function (each) { sorted.appendChild(each.row); });
      body.appendChild(sorted);
    });
    say("Sorted by " + head.textContent + (down ? ", descending." : ", ascending."));
  }
  document.querySelectorAll("table.sort").forEach(function (table) {
    table.querySelectorAll("thead th").forEach(function (head, index) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, head, index); });
    });
  });
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () { closed.forEach(function (each) { each.open = false; }); });
})();
"""
