// A number opens its definition, members and files; a box its records; a row of a table its lines.
// Everything else of the page works without this.
const data = JSON.parse(document.getElementById("numbers").textContent);
const panel = document.getElementById("panel");
const content = document.getElementById("panel-content");
const { numbers, members, boxes, sheets, read, sources, files } = data;

const to = (kind, id, words = id) => make("a", { href: `#${kind}-${encodeURIComponent(id)}` }, words);
const nameOf = (id) => own(members, id)?.name ?? id;
const linkOf = (id) => make("a", { href: "#n-" + encodeURIComponent(id), className: "number" }, numbers[id].value || id);
const fileOf = (path) => make("span", { className: "path" }, path);
const cellOf = (kind, cell) => {
  if (cell === "") return [];
  if (kind === "row") return [rowLink(cell, nameOf(cell))];
  return [kind === "state" ? make("span", { className: "state" }, word(cell)) : plain(cell)];
};

// A row of a sheet, and the rows that refer to it.
const sheetOf = (id) => Object.keys(sheets).find((name) => own(sheets[name].rows, id));
const rowLink = (id, words = id) => (sheetOf(id) ? to("m", id, plain(words)) : plain(words));
const termOf = (column, cell) => cell.split("; ").map((term) => own(own(data.terms, column) ?? {}, term) ?? term).join("; ");
const referring = (id) => {
  const its = sheetOf(id);
  return Object.entries(sheets).filter(([name]) => name !== its).map(([name, sheet]) => [name, Object.values(sheet.rows).filter((row) => row.slice(1).includes(id))]).filter(([, rows]) => rows.length);
};
const sheetList = (name, rows, parent) => {
  const { columns } = sheets[name];
  const kept = columns.map((_, at) => at).filter((at) => rows.some((row) => row[at] !== "" && row[at] !== parent));
  return listOf({
    columns: kept.map((at) => ({ name: columns[at], title: capital(word(columns[at])), kind: at ? "text" : "row" })),
    rows: rows.map((row) => kept.map((at) => (at ? termOf(columns[at], row[at]) : row[at]))),
    facet: -1, label: word(name),
    cell: (column, cell) => (column.kind === "row" ? [rowLink(cell)] : undefined),
  }, { title: false });
};
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

const partsOf = (number) => number.of.split(/[;,\s]+/).filter((part) => own(numbers, part));
const tablesOf = (id, seen = new Set()) => {
  if (seen.has(id)) return [];
  seen.add(id);
  const number = numbers[id];
  return [...new Set([...(number.table ? [number.table] : []), ...partsOf(number).flatMap((part) => tablesOf(part, seen))])];
};
const chain = (names) => {
  const paths = [...new Set(names.map((name) => own(sources, name)).filter(Boolean))];
  const raw = [...new Set(paths.flatMap((path) => own(files, path)?.raw ?? []))].sort();
  if (!paths.length) return [];
  const line = (path) => make("li", {}, fileOf(path), " ", own(files, path)?.sha256 ? digest(files[path].sha256) : "");
  return [make("h3", {}, "Where it comes from"), make("details", { className: "chain", open: paths.length + raw.length < 8 },
    make("summary", {}, `${paths.length === 1 ? "One table" : `${paths.length} tables`}, made from ${raw.length} raw ${raw.length === 1 ? "file" : "files"}`),
    make("ul", {}, ...paths.map(line)), ...(raw.length ? [make("p", {}, "from"), make("ul", {}, ...raw.map(line))] : []))];
};
const inAudit = (anchor, words) => make("p", { className: "note" }, make("a", { href: "../audit/index.html#" + anchor }, words));
const heading = (words) => make("h2", { id: "panel-title", tabIndex: -1, className: words.length > 24 ? "long" : "" }, words);

const numberPanel = (id) => {
  const number = own(numbers, id);
  if (!number) return null;
  const parts = partsOf(number).filter((part) => part !== id);
  const rows = [["Name", id]];
  if (number.table) rows.push(["Table", number.table]);
  if (number.selection) rows.push(["Selection", number.selection]);
  if (parts.length) {
    rows.push(["Made of", make("span", {}, ...parts.flatMap((part) => [linkOf(part), ` ${numbers[part].definition}`, make("br", {})]))]);
  } else if (number.of) rows.push(["Counted", number.of]);
  rows.push(...publishedAt(id));
  return [
    heading(shownAs(number)),
    make("p", { className: "definition" }, number.definition),
    told(rows),
    ...(number.members.length ? [make("h3", {}, `Members (${count(number.n_members)})`), membersOf(number, data.members_in.n, `number_id is ${id}`)]
      : number.kind === "reported" ? [make("p", { className: "note" }, "Published as a count; the records behind it were not published.")]
        : number.value === "0" ? [make("p", { className: "note" }, "No member: nothing fits the definition.")] : []),
    ...chain(tablesOf(id)),
    inAudit("number:" + encodeURIComponent(id), "This number in the audit"),
  ];
};
const claimPanel = (id) => {
  const claim = own(data.claims, id);
  if (!claim) return null;
  const number = own(numbers, claim.number_id);
  const others = claim.alternatives.split("; ").filter((other) => own(numbers, other));
  return [
    heading(claim.says),
    make("p", {}, make("span", { className: "state" }, word(claim.verdict)), ` ${claim.why}`),
    told([
      ["Stands in", claim.location], ["Stated", number ? termOf(number.of, claim.stated) : claim.stated],
      ["Relation", word(claim.relation)], ["Recomputed", claim.recomputed], ["Basis", word(claim.basis)],
      ["Number", number && make("span", {}, linkOf(claim.number_id), ` ${number.definition}`)],
      ["Other rules", others.map((other) => make("div", {}, linkOf(other), ` ${numbers[other].definition}`))],
      ["Note", claim.note], ["Kept in", make("code", {}, claim.at)],
    ]),
    inAudit("claim:" + encodeURIComponent(id), "This claim in the audit"),
  ];
};
const boxPanel = (key) => {
  const found = own(boxes, key);
  if (!found) return null;
  return [
    heading(found[0].of ?? found[0].text),
    ...found.flatMap((box) => [
      ...(found.length > 1 || found[0].of ? [make("h3", {}, box.text)] : []),
      make("p", {}, make("span", { className: `state ${box.kind}` }, word(box.kind)), ` ${box.says}`),
      ...(box.members.length ? [membersOfBox(box, data.members_in.b, box.data)] : []),
    ]),
    ...chain(["flow_members", "prisma"]),
    inAudit("flow", "The flow in the audit"),
  ];
};
// The lines of raw files that a row was made from: its readings, and what was decided and noted.
const linesOf = (id, { below, at }) => (own(at, id) ?? []).flatMap(([file, line]) => [make("code", {}, `${below[file]}:${line}`), make("br", {})]);
const rowPanel = (ids) => {
  const known = ids.split("; ").filter(sheetOf);
  if (!known.length) return null;
  return [
    heading(known.map(nameOf).join("; ")),
    ...known.flatMap((id) => {
      const name = sheetOf(id);
      const { columns } = sheets[name];
      return [
        ...(known.length > 1 ? [make("h3", {}, nameOf(id))] : []),
        told([["Row", `${id} of ${word(name)}`], ["Made from", linesOf(id, sheets[name])], ...columns.map((column, at) => {
          const cell = sheets[name].rows[id][at];
          return [capital(word(column)), !at || !cell ? "" : column === "doi" && /^10\.\d{4,9}\/\S+$/.test(cell) ? doiOf(cell) : rowLink(cell, termOf(column, cell))];
        })]),
        ...referring(id).flatMap(([sheet, rows]) => [make("h3", {}, `${capital(word(sheet))} (${count(rows.length)})`), sheetList(sheet, rows, id)]),
      ];
    }),
    ...chain([...new Set(known.flatMap((id) => [sheetOf(id), ...referring(id).map(([sheet]) => sheet)]))]),
  ];
};
const readPanel = (id) => {
  const row = own(read, id);
  if (!row) return null;
  const [table] = id.split("/", 1);
  const key = id.slice(table.length + 1);
  return [
    heading(capital(word(key))),
    told([["Row", `${key} of ${word(table)}`], ...Object.entries(row).filter(([, cell]) => cell !== key).map(([name, cell]) => [capital(word(name)), cell])]),
    ...chain([table]),
    inAudit("file:" + encodeURIComponent(sources[table]), "This table in the audit"),
  ];
};
const panels = { n: numberPanel, c: claimPanel, b: boxPanel, m: rowPanel, t: readPanel };
const panelsOf = { n: "number", c: "claim", b: "box", m: "row", t: "row" };

const trail = [];
const back = panel.querySelector(".back");
const show = (kind, id) => {
  const parts = own(panels, kind)?.(id);
  if (!parts) return false;
  if (!panel.open) trail.length = 0;
  trail.push([kind, id]);
  open(parts);
  return true;
};
const open = (parts) => {
  back.hidden = trail.length < 2;
  content.replaceChildren(...parts);
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  panel.querySelector("h2").focus();
};
back.addEventListener("click", () => {
  trail.pop();
  show(...trail.pop());
});

const asked = (hash) => {
  const match = /^#([nbcmt])-(.+)$/s.exec(hash);
  try {
    return match ? [match[1], decodeURIComponent(match[2])] : [];
  } catch {
    return [];
  }
};

document.addEventListener("click", (event) => {
  if (event.target === panel) return panel.close();
  const link = event.target.closest("a");
  if (link) {
    const [kind, id] = asked(link.getAttribute("href") ?? "");
    if (kind && show(kind, id)) event.preventDefault();
    return;
  }
  // For a pointer: marks of a figure, its ground, and the cells of a row; each has a link as well.
  const mark = event.target.closest("[data-mark]");
  if (mark) return void show(...asked(mark.dataset.mark));
  const drawing = event.target.closest(".drawing");
  if (drawing) {
    const table = drawing.closest(".figure-block").querySelector("details.data");
    if (table) table.open = !table.open;
    return;
  }
  const row = event.target.closest("main tr")?.querySelector("a.row");
  if (row && !String(getSelection())) show(...asked(row.getAttribute("href")));
});
const follow = () => {
  const [kind, id] = asked(location.hash);
  if (kind) show(kind, id) || open(absent(panelsOf[kind], id));
};
addEventListener("hashchange", follow);
follow();

// The contents stay open beside the text and fold away above it.
const contents = document.querySelector(".contents details");
const wide = matchMedia("(min-width: 72rem)");
const fold = () => { contents.open = wide.matches; };
wide.addEventListener("change", fold);
fold();
const entries = new Map([...contents.querySelectorAll("a")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
const seen = new IntersectionObserver((sections) => {
  for (const { target, isIntersecting } of sections) {
    if (!isIntersecting) continue;
    for (const entry of entries.values()) entry.classList.toggle("here", entry === entries.get(target.id));
  }
}, { rootMargin: "-10% 0px -80% 0px" });
for (const id of entries.keys()) {
  const section = document.getElementById(id);
  if (section) seen.observe(section);
}
