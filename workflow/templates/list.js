"use strict";
// Lists that can be searched, sorted and paged, and the parts of a panel; the page's own script
// follows in the same element and says what a cell is: cellOf, nameOf, to, fileOf, rowLink, data.
const SIZE = 25;
const own = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);

// Text is set as text, never as markup: titles come from tables.
const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== "" && child != null));
  return element;
};
const plain = (words) => make("bdi", {}, words);
const count = (n) => n.toLocaleString("en");
const shownAs = ({ kind, value }) => (kind === "share" && /\d$/.test(value) ? `${value} %` : value || "no value");
const word = (term) => term.replaceAll("_", " ");
const digest = (sha) => make("code", { title: sha }, sha.slice(0, 12));
// What a page leaves out it says, and links the file that has all of it.
const csvOf = (path) => make("a", { href: `../../${path}`.replace(/^..\/..\/results/, "..").split("/").map(encodeURIComponent).join("/") }, path);
const leftOut = ({ rows, n_rows: all = rows.length, file, where = [] }) => (all <= rows.length ? [] : [make("p", { className: "left-out" },
  `${count(rows.length)} of ${count(all)} shown, and searched and sorted here; all in `, csvOf(file), ...where)]);
const doiOf = (doi) => make("a", { href: "https://doi.org/" + encodeURI(doi), rel: "noopener noreferrer", target: "_blank" }, `doi:${doi}`);

const order = new Intl.Collator("en", { numeric: true });
const compare = (a, b) => {
  if (a === "" || b === "") return (a === "") - (b === "");
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? order.compare(a, b) : x - y;
};

// A list shows one page of its rows: what is not seen costs nothing, however many there are.
const listOf = (spec, { title = true, size = SIZE } = {}) => {
  const columns = spec.columns.slice(0, spec.shown ?? spec.columns.length);
  const rows = spec.rows;
  const state = { page: 0, sort: -1, down: false, words: "", facet: null, size };
  const searched = [];
  const textOf = (place) => (searched[place] ??= rows[place].map((cell, column) => (
    columns[column]?.kind === "member" ? `${cell} ${nameOf(cell)}` : cell
  )).join(" ").toLowerCase());
  const chosen = () => {
    const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    let places = [...rows.keys()].filter((place) => (
      (state.facet === null || rows[place][spec.facet] === state.facet)
      && words.every((word) => textOf(place).includes(word))
    ));
    if (state.sort >= 0) {
      const shown = (place) => (columns[state.sort].kind === "member" ? nameOf(rows[place][state.sort]) : rows[place][state.sort]);
      places.sort((a, b) => (compare(shown(a), shown(b)) || a - b) * (state.down ? -1 : 1));
    }
    return places;
  };

  const box = make("div", {});
  if (title && spec.title) box.append(make("h3", {}, spec.title));
  if (spec.says) box.append(make("p", {}, spec.says));
  box.append(...leftOut(spec));
  if (!rows.length) {
    box.append(make("p", { className: "empty" }, "None."));
    return box;
  }
  const label = title && spec.title ? spec.title : spec.label ?? "List";
  const search = make("input", { type: "search", autocomplete: "off" });
  const tools = make("div", { className: "tools" });
  if (rows.length > 10) tools.append(make("label", {}, "Search ", search));
  const facets = make("div", { className: "facets", role: "group", "aria-label": `Show of ${label}` });
  if (spec.facet >= 0) {
    const sizes = new Map();
    for (const row of rows) sizes.set(row[spec.facet], (sizes.get(row[spec.facet]) ?? 0) + 1);
    if (sizes.size > 1 && sizes.size < 13) {
      for (const [value, n] of [[null, rows.length], ...sizes]) {
        const button = make("button", { type: "button", "aria-pressed": String(value === null) }, `${value === null ? "all" : word(value) || "none"} ${count(n)}`);
        button.addEventListener("click", () => {
          for (const other of facets.children) other.setAttribute("aria-pressed", String(other === button));
          Object.assign(state, { facet: value, page: 0 });
          draw();
        });
        facets.append(button);
      }
      tools.append(facets);
    }
  }
  if (tools.childElementCount) box.append(tools);
  const heads = columns.map((column, place) => {
    const button = make("button", { type: "button" }, column.title);
    const head = make("th", { scope: "col", className: column.kind === "count" ? "count" : "" }, button);
    button.addEventListener("click", () => {
      Object.assign(state, { down: state.sort === place && !state.down, sort: place, page: 0 });
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      draw();
    });
    return head;
  });
  const body = make("tbody", {});
  box.append(make("div", { className: "scroll", role: "region", tabIndex: 0, "aria-label": label },
    make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body)));
  const status = make("span", { role: "status" });
  const back = make("button", { type: "button" }, "Previous");
  const on = make("button", { type: "button" }, "Next");
  const pager = make("div", { className: "pager" }, back, on, status);
  box.append(pager);

  // A row opens what it has more to say than its columns show: a panel of its own, else all its cells.
  const [opener, kind, key] = spec.opens ?? (spec.id && !["file", "rule", "number"].includes(columns[0].kind) ? [0, "row", -1] : [-1]);
  const opened = (place, inside) => {
    const link = to(kind, key < 0 ? `${spec.id}/${place}` : rows[place][key], "");
    link.replaceChildren(...(inside.length ? inside : ["open"]));
    return [link];
  };
  const draw = () => {
    const places = chosen();
    const pages = Math.max(1, Math.ceil(places.length / state.size));
    state.page = Math.min(state.page, pages - 1);
    const start = state.page * state.size;
    const visible = places.slice(start, start + state.size);
    body.replaceChildren(...visible.map((place) => make("tr", {}, ...columns.map((column, where) => {
      const cell = rows[place][where];
      let inside = spec.cell?.(column, cell, place) ?? cellOf(column.kind, cell);
      if (where === opener) inside = opened(place, inside);
      return make(where ? "td" : "th", { className: column.kind === "count" ? "count" : cell.length > 60 ? "long" : "", ...(where ? {} : { scope: "row" }) }, ...inside);
    }))));
    status.textContent = places.length > visible.length
      ? `${count(start + 1)}–${count(start + visible.length)} of ${count(places.length)}`
      : `${count(places.length)} ${places.length === 1 ? "row" : "rows"}`;
    if (places.length < rows.length) status.textContent += `, of ${count(rows.length)} ${spec.n_rows > rows.length ? "shown" : "in all"}`;
    back.disabled = state.page === 0;
    on.disabled = state.page >= pages - 1;
    back.hidden = on.hidden = pages === 1;
  };
  search.addEventListener("input", () => { Object.assign(state, { words: search.value, page: 0 }); draw(); });
  back.addEventListener("click", () => { state.page -= 1; draw(); });
  on.addEventListener("click", () => { state.page += 1; draw(); });
  // On paper there is no next page to click: more rows, and the file that has them all.
  addEventListener("beforeprint", () => { if (box.isConnected && state.size < 200) { state.kept = state.size; state.size = 200; draw(); } });
  addEventListener("afterprint", () => { if (state.kept) { state.size = state.kept; delete state.kept; draw(); } });
  if (spec.id && spec.file) pager.append(make("span", {}, "all in ", fileOf(spec.file)));
  draw();
  return box;
};

const titled = (words) => make("h2", { id: "panel-title", tabIndex: -1 }, words);
// Where a count stands that was published without its records.
const publishedAt = (id) => {
  const its = own(data.published, id);
  return its ? [["Published in", its.location], ["Kept in", make("code", {}, `${its.file}:${its.line}`)], ["Why no records", its.why]] : [];
};
// A link from elsewhere may name what is not here, or is no longer.
const absent = (kind, id) => [titled("Not here"), make("p", {}, `There is no ${kind} `, make("code", {}, id), " here.")];
const told = (pairs) => make("dl", {}, ...pairs.filter(([, said]) => said !== "" && said != null && said.length !== 0)
  .flatMap(([term, said]) => [make("dt", {}, term), make("dd", {}, ...[said].flat())]));
const bullets = (items) => make("ul", {}, ...items.map((item) => make("li", {}, item)));

const membersOf = ({ members: ids, n_members: all }, file, key, reasons) => {
  const rows = ids.map((id, place) => ({ name: id, ...own(data.members, id), id, reason: reasons?.[place] }));
  // A column that says nothing, or the id once more, is left out.
  const columns = [["name", "Name"], ["year", "Year", "count"], ["id", "Id"], ["doi", "DOI"], ["reason", "Reason"]]
    .filter(([name]) => rows.some((row) => row[name] && (name !== "name" || row.name !== row.id || row.note)))
    .map(([name, title, kind = "text"]) => ({ name, title, kind }));
  return listOf({
    columns,
    rows: rows.map((row) => [...columns.map(({ name }) => row[name] ?? ""), row.note ?? ""]),
    facet: columns.findIndex(({ name }) => name === "reason"),
    label: "Members", n_rows: all, file, where: [", where ", make("code", {}, key)],
    cell: (column, cell, place) => {
      if (column.name === "doi" && cell) return [doiOf(cell)];
      if (column.name === "id") return [rowLink(cell)];
      const note = column.name === "name" && rows[place].note;
      return note ? [plain(cell), make("span", { className: "small" }, note)] : undefined;
    },
  }, { title: false });
};
const membersOfBox = ({ members, n_members }, file, key) => membersOf(
  { members: members.map(([id]) => id), n_members }, file, `box is ${key}`, members.map(([, reason]) => reason));
