// Every list and every panel of the page, from the data that stands in it once.
const data = JSON.parse(document.getElementById("data").textContent);
const panel = document.getElementById("panel");
const content = document.getElementById("panel-content");

const to = (kind, id, words = id) => make("a", { href: `#${kind}:${encodeURIComponent(id)}` }, words);
const fileOf = (path) => (own(data.files, path) || own(data.sources, path) ? to("file", path) : make("span", {}, path));
const nameOf = (id) => own(data.members, id)?.name ?? id;

const tables = new Map();
for (const section of data.sections) for (const one of section.lists) tables.set(one.id, one);
const at = (list, name) => list.columns.findIndex((column) => column.name === name);
const objectOf = (list, row) => Object.fromEntries(list.columns.map((column, place) => [column.name, row[place]]));
const found = (id, column, value) => {
  const list = tables.get(id);
  const place = list ? at(list, column) : -1;
  const row = place < 0 ? undefined : list.rows.find((cells) => cells[place] === value);
  return row && objectOf(list, row);
};

// --- lists -------------------------------------------------------------------

const similar = (cell) => {
  try {
    return Object.entries(JSON.parse(cell)).map(([field, value]) => `${field} ${value}`).join(", ");
  } catch {
    return cell;
  }
};
const memberCell = (id) => {
  const said = own(data.members, id);
  const cell = [plain(said?.name ?? id)];
  if (said && said.name !== id) cell.push(make("span", { className: "small" }, id));
  return cell;
};
const cellOf = (kind, cell) => {
  if (cell === "") return [];
  switch (kind) {
    case "number": return cell.split("; ").flatMap((id, place) => [place ? "; " : "", own(numbersById, id) ? to("number", id) : id]);
    case "rule": return [own(data.rules, cell) ? to("rule", cell) : cell];
    case "file": return [fileOf(cell)];
    case "member": return memberCell(cell);
    case "state": return [make("span", { className: `state ${/^\w+$/.test(cell) ? cell : ""}` }, word(cell))];
    case "digest": return [digest(cell)];
    case "json": return [similar(cell)];
    default: return [cell.length > 60 ? make("span", { className: "clamp" }, plain(cell)) : plain(cell)];
  }
};

const numbersById = {};
const numbersList = tables.get("numbers-numbers");
for (const row of numbersList.rows) numbersById[row[at(numbersList, "number_id")]] = row;
const numberOf = (id) => { const row = own(numbersById, id); return row && objectOf(numbersList, row); };

// A member opens the claim that it is, or its row in the review's page.
const sheetRows = new Set(data.rows);
const rowLink = (id) => {
  if (found("claims-claims", "claim_id", id)) return to("claim", id);
  return sheetRows.has(id) ? make("a", { href: `../manuscript/review.html#m-${encodeURIComponent(id)}` }, plain(id)) : plain(id);
};

// --- panels ------------------------------------------------------------------

const linked = (text) => text.split(/([;,\s]+)/).map((part) => (own(numbersById, part) ? to("number", part) : part));
const chainOf = (path) => {
  const raw = new Set();
  const seen = new Set([path]);
  for (const one of seen) for (const used of own(data.files, one)?.inputs ?? []) {
    if (own(data.files, used)?.rule) seen.add(used); else raw.add(used);
  }
  return [...raw].sort();
};
const filesOf = (paths) => bullets(paths.map((path) => {
  const file = own(data.files, path);
  return make("span", {}, fileOf(path), " ", file ? digest(file.sha256) : "");
}));
const tablePath = (name) => Object.keys(data.files).find((path) => path.startsWith("results/") && path.replace(/^.*\//, "").replace(/\.\w+$/, "") === name);

const panels = {
  number(id) {
    const number = numberOf(id);
    if (!number) return null;
    const its = own(data.of_number, id);
    const path = tablePath(number.table);
    const claims = tables.get("claims-claims");
    const claimed = claims ? claims.rows.map((row) => objectOf(claims, row)).filter((claim) => claim.number_id === id) : [];
    return [
      titled(shownAs(number)),
      make("p", {}, number.definition),
      told([
        ["Number", make("code", {}, id)], ["Kind", number.kind],
        ["Table", number.table && [path ? fileOf(path) : number.table]],
        ["Selection", number.selection], ["Of", number.of && linked(number.of)], ...publishedAt(id),
        ["Claims", claimed.map((claim) => make("span", {}, to("claim", claim.claim_id, claim.says), ` (${word(claim.verdict)}) `))],
      ]),
      ...(its ? [make("h3", {}, `Members (${count(its.n_members)})`), membersOf(its, data.members_in.number, `number_id is ${id}`)]
        : number.kind === "reported" ? [make("p", {}, "Published as a count; the records behind it were not published.")] : []),
      ...(path ? [make("h3", {}, "Rests on"), filesOf([path, ...chainOf(path)])] : []),
    ];
  },
  claim(id) {
    const claim = found("claims-claims", "claim_id", id);
    if (!claim) return null;
    const number = numberOf(claim.number_id);
    const others = claim.alternatives ? claim.alternatives.split("; ") : [];
    const its = own(data.of_number, claim.number_id);
    return [
      titled(claim.says),
      make("p", {}, ...cellOf("state", claim.verdict), ` ${claim.why}`),
      told([
        ["Claim", make("code", {}, id)], ["Stands in", claim.location], ["Stated", claim.stated],
        ["Relation", word(claim.relation)], ["Recomputed", claim.recomputed], ["Basis", word(claim.basis)],
        ["Number", number && make("span", {}, to("number", claim.number_id), ` = ${number.value}: ${number.definition}`)],
        ["Other rules", others.map((other) => make("div", {}, own(numbersById, other) ? to("number", other) : other, numberOf(other) ? ` = ${numberOf(other).value}: ${numberOf(other).definition}` : ""))],
        ["Note", claim.note],
      ]),
      ...(its ? [make("h3", {}, `Members of the number (${count(its.n_members)})`), membersOf(its, data.members_in.number, `number_id is ${claim.number_id}`)] : []),
    ];
  },
  box(key) {
    const box = found("flow-prisma", "data", key);
    if (!box) return null;
    const its = own(data.of_box, key);
    return [
      titled(`${box.description}${box.n ? `: ${box.n}` : ""}`),
      make("p", {}, ...cellOf("state", box.kind), ` ${box.tooltips}`),
      ...(its ? [make("h3", {}, `Members (${count(its.n_members)})`), membersOfBox(its, data.members_in.box, key)] : []),
    ];
  },
  merge(id) {
    const merge = found("records-duplicates", "row_id", id);
    if (!merge) return null;
    const [one, kept] = [id, merge.matched_row_id].map((row) => own(data.merged, row) ?? {});
    const fields = [...new Set([...Object.keys(one), ...Object.keys(kept)])];
    return [
      titled(`Merged by ${word(merge.rule)}`),
      told([["Alike", similar(merge.similarities ?? "")], ["Stands for both", memberCell(merge.kept_id)]]),
      make("div", { className: "scroll", role: "region", tabIndex: 0, "aria-label": "Both rows" }, make("table", { className: "pair" },
        make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Field"), make("th", { scope: "col" }, "Merged row"), make("th", { scope: "col" }, "Row it equals"))),
        make("tbody", {}, ...fields.map((field) => make("tr", {}, make("th", { scope: "row" }, word(field)),
          ...[one, kept].map((row) => make("td", { className: one[field] === kept[field] ? "" : "differs" }, field === "raw_file" && row[field] ? fileOf(row[field]) : plain(row[field] ?? "")))))))),
    ];
  },
  row(id) {
    const [name, place] = [id.replace(/\/\d+$/, ""), Number(id.replace(/^.*\//, ""))];
    const list = tables.get(name);
    const row = list?.rows[place];
    if (!row) return null;
    return [titled(list.title), told(list.columns.map((column, where) => [column.title, row[where] && (column.kind === "text" ? plain(row[where]) : cellOf(column.kind, row[where]))]))];
  },
  file(path) {
    const file = own(data.files, path);
    const source = own(data.sources, path);
    if (!file && !source) return null;
    const used = Object.entries(data.files).filter(([, other]) => other.inputs?.includes(path)).map(([name]) => name);
    return [
      titled(path),
      told([
        ["SHA-256", make("code", {}, (file ?? source).sha256)],
        ["Made by", file?.rule && to("rule", file.rule)],
      ]),
      ...(file?.inputs ? [make("h3", {}, "Made from"), filesOf(file.inputs)] : []),
      ...(used.length ? [make("h3", {}, "Used for"), filesOf(used)] : []),
      ...(source ? [codeOf(source.text, path)] : []),
    ];
  },
  folder(name) {
    const paths = own(data.folders, name);
    return paths ? [titled(`Raw files: ${name}`), filesOf(paths)] : null;
  },
  rule(name) {
    const rule = own(data.rules, name);
    if (!rule) return null;
    const several = rule.runs.length > 1;
    return [
      titled(name),
      make("p", {}, rule.stated && make("span", {}, "Stated in ", fileOf(rule.stated), ".")),
      make("h3", {}, "Script"), folded(rule.script, true),
      make("h3", {}, `Modules of the package (${rule.modules.length})`), ...rule.modules.map((path) => folded(path)),
      ...(rule.files.length ? [make("h3", {}, "Templates and schemas"), ...rule.files.map((path) => folded(path))] : []),
      make("h3", {}, several ? `Runs (${rule.runs.length})` : "Settings"),
      ...rule.runs.map((run) => make("div", {},
        told([
          ...Object.entries(run.wildcards), ["Code, as one digest", make("code", {}, run.code)],
          ...(Object.keys(run.params).length ? [] : [["Settings", "none"]]),
        ]),
        Object.keys(run.params).length ? folded("Settings from config.yaml", false, () => JSON.stringify(run.params, null, 1)) : "")),
      make("h3", {}, `Read (${rule.inputs.length})`), filesOf(rule.inputs),
      make("h3", {}, `Made (${rule.outputs.length})`), filesOf(rule.outputs),
    ];
  },
};
const codeOf = (text, label) => make("pre", { tabIndex: 0, role: "region", "aria-label": label }, make("code", {}, text));
// The text of a file is set when it is opened: a rule may have fifty of them.
const folded = (path, open = false, textOf = () => data.sources[path].text) => {
  const source = own(data.sources, path);
  const box = make("details", {}, make("summary", {}, make("code", {}, path), " ", source ? digest(source.sha256) : ""));
  box.addEventListener("toggle", () => { if (box.open && box.childElementCount < 2) box.append(codeOf(textOf(), path)); });
  box.open = open;
  return box;
};

const asked = () => {
  const match = /^#(\w+):(.*)$/s.exec(location.hash);
  if (!match || !own(panels, match[1])) return null;
  try {
    return [match[1], decodeURIComponent(match[2])];
  } catch {
    return null;
  }
};
let depth = 0;
let section = "#main";
const edges = [...document.querySelectorAll(".edge")];
const follow = () => {
  const [kind, id] = asked() ?? [];
  const parts = kind && (panels[kind](id) ?? absent(kind, id));
  if (!parts) {
    if (panel.open) panel.close();
    return;
  }
  depth = panel.open ? depth + 1 : 0;
  content.replaceChildren(...parts);
  panel.querySelector(".back").hidden = depth < 1;
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  panel.querySelector("h2").focus();
};
addEventListener("hashchange", follow);
panel.querySelector(".back").addEventListener("click", () => { depth -= 2; history.back(); });
panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
panel.addEventListener("close", () => {
  // The next click on the same link must be a change again.
  if (asked()) history.replaceState(null, "", location.pathname + location.search + section);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("nav a");
  if (link) section = link.getAttribute("href");
});

for (const box of document.querySelectorAll(".list")) {
  const lists = data.sections.find((one) => one.id === box.dataset.section).lists;
  box.append(listOf(lists[Number(box.dataset.list)], { title: lists.length > 1 }));
}
for (const node of document.querySelectorAll(".node")) {
  const light = (on) => () => {
    for (const edge of edges) edge.classList.toggle("on", on && [edge.dataset.from, edge.dataset.to].includes(node.dataset.node));
  };
  for (const event of ["mouseenter", "focus"]) node.addEventListener(event, light(true));
  for (const event of ["mouseleave", "blur"]) node.addEventListener(event, light(false));
}
const contents = document.querySelector("nav details");
const wide = matchMedia("(min-width: 64rem)");
const fold = () => { contents.open = wide.matches; };
wide.addEventListener("change", fold);
fold();
follow();
