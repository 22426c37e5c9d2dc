"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const dialog = document.getElementById("cell");
  const title = document.getElementById("cell-title");
  const body = document.getElementById("cell-body");
  const perClass = data.roles.length * data.facets.length;
  const figure = new Intl.NumberFormat("en-GB");
  const say = (count) => figure.format(count);
  const text = (place) => data.texts[place];

  function make(name, content, parent) {
    const element = document.createElement(name);
    if (content !== undefined) element.textContent = content;
    if (parent) parent.append(element);
    return element;
  }

  function nameOf(place) {
    const inClass = place % perClass;
    return [
      data.roles[Math.floor(inClass / data.facets.length)],
      data.classes[Math.floor(place / perClass)],
      data.facets[inClass % data.facets.length],
    ];
  }

  function bound(share) {
    return share < 0 ? "nothing was asked" : "at most " + (Math.ceil(Math.round(share * 1e9) / 1e6) / 10).toFixed(1) + " %";
  }

  function policyWords([, pairs, users, children, one, , , , , , , policies]) {
    if (!pairs) return "nothing more than below";
    const by = text(policies);
    return `permits ${say(users)} users, ${say(children)} children, ${say(pairs)} pairs; one member up to ${say(one)} children` + (by ? ` (${by})` : "");
  }

  function row(entry) {
    const [rung, , , , , verdict, probes, failures, share, allowed, why] = entry;
    const line = make("tr");
    const [name, sign] = data.rungs[rung];
    make("th", `${sign} ${name}`, line).scope = "row";
    make("td", policyWords(entry), line);
    make("td", probes ? `${say(failures)} of ${say(probes)}` : "-", line);
    make("td", probes ? bound(share) : "-", line);
    make("td", allowed ? say(allowed) : "-", line);
    make("td", data.verdicts[verdict] + (text(why) ? `: ${text(why)}` : ""), line);
    return line;
  }

  function addFinding(key) {
    const found = data.findings[key];
    make("h3", "Finding", body);
    if (!found) { make("p", key, body); return; }
    const link = make("a", text(found[0]), make("p", undefined, body));
    const target = [...document.querySelectorAll(".finding")].find((one) => one.dataset.key === key);
    if (target) link.href = "#" + target.id;
    link.addEventListener("click", () => dialog.close());
    make("p", "Smallest witness (synthetic): " + text(found[1]), body);
    make("p", "Repeat it", body).className = "label";
    make("code", text(found[2]), make("pre", undefined, body));
  }

  function show(place) {
    const [role, recordClass, facet] = nameOf(place);
    title.textContent = `${role}: ${facet} of records in class “${recordClass}”`;
    body.replaceChildren();
    const scroll = make("div", undefined, body);
    scroll.className = "scroll";
    const table = make("table", undefined, scroll);
    table.className = "plain";
    const head = make("tr", undefined, make("thead", undefined, table));
    for (const name of ["Rung", "Policy", "Denied requests that disclosed it", "Bound (95 %)", "Permitted requests", "Verdict"]) make("th", name, head).scope = "col";
    const rows = make("tbody", undefined, table);
    for (const entry of data.cells[place]) rows.append(row(entry));
    for (const key of new Set(data.cells[place].map((entry) => text(entry[12])).filter(Boolean))) addFinding(key);
    dialog.showModal();
  }

  function label(button) {
    const place = Number(button.dataset.c);
    const seen = data.cells[place];
    const worst = seen.filter((entry) => data.verdicts[entry[5]] !== "held").map((entry) => `${data.verdicts[entry[5]]} at ${data.rungs[entry[0]][0]}`);
    const permitted = seen.filter((entry) => entry[1]).map((entry) => `by design at ${data.rungs[entry[0]][0]}, one member ${say(entry[4])}, whole role ${say(entry[3])} children`);
    button.setAttribute("aria-label", `${nameOf(place).join(", ")}: ${[...worst, ...permitted].join("; ") || "closed"}`);
    button.setAttribute("aria-haspopup", "dialog");
  }

  const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

  function move(event, rows) {
    const step = steps[event.key];
    if (!step) return;
    const cell = event.target.closest("td");
    const line = rows.indexOf(cell.parentElement);
    const next = rows[line + step[0]]?.cells[cell.cellIndex + step[1]]?.querySelector("button");
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  for (const table of document.querySelectorAll(".matrix")) {
    const buttons = table.querySelectorAll("button");
    buttons.forEach((button, place) => { button.type = "button"; button.tabIndex = place ? -1 : 0; label(button); });
    const rows = [...table.querySelectorAll("tbody tr:not(.sector)")];
    table.addEventListener("keydown", (event) => { if (event.target.matches("button")) move(event, rows); });
    table.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) show(Number(button.dataset.c));
    });
  }
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
})();
