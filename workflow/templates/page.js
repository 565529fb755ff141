"use strict";
// A number opens its definition and its members; everything else of the page works without this.
const { numbers, members } = JSON.parse(document.getElementById("numbers").textContent);
const panel = document.getElementById("panel");
const content = document.getElementById("panel-content");

// Text is set as text, never as markup: titles come from tables.
const make = (tag, attributes, ...children) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children);
  return element;
};
const linkOf = (id) => make("a", { href: "#n-" + encodeURIComponent(id), className: "number" }, numbers[id].value || id);

const lines = (id) => {
  const number = numbers[id];
  const rows = [["Name", id]];
  if (number.table) rows.push(["Table", number.table]);
  if (number.selection) rows.push(["Selection", number.selection]);
  const parts = number.of.split(/[;,\s]+/).filter((part) => Object.hasOwn(numbers, part) && part !== id);
  if (parts.length) {
    const links = parts.flatMap((part) => [linkOf(part), ` ${numbers[part].definition}`, make("br", {})]);
    rows.push(["Made of", make("span", {}, ...links)]);
  } else if (number.of) rows.push(["Counted", number.of]);
  return make("dl", {}, ...rows.flatMap(([term, said]) => [make("dt", {}, term), make("dd", {}, said)]));
};

const memberOf = (id) => {
  const { name, note, doi } = Object.hasOwn(members, id) ? members[id] : { name: id };
  // Apart from its neighbours, so that no mark of direction in a name turns them round.
  const line = make("li", {}, make("bdi", {}, name));
  if (doi) line.append(" ", make("a", { href: "https://doi.org/" + encodeURI(doi), rel: "noopener noreferrer", target: "_blank" }, `doi:${doi}`));
  if (note) line.append(make("span", { className: "note" }, note));
  return line;
};

const show = (id) => {
  if (!Object.hasOwn(numbers, id)) return false;
  const number = numbers[id];
  const shown = number.kind === "share" ? `${number.value} %` : number.value;
  const parts = [
    make("h2", { id: "panel-title", className: shown.length > 24 ? "long" : "" }, shown),
    make("p", { className: "definition" }, number.definition),
    lines(id),
  ];
  if (number.members.length) {
    parts.push(make("h3", {}, `Members (${number.members.length})`), make("ol", {}, ...number.members.map(memberOf)));
  } else if (number.kind === "reported") {
    parts.push(make("p", { className: "note" }, "Published as a count; the records behind it were not published."));
  }
  content.replaceChildren(...parts);
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  return true;
};

const idOf = (hash) => {
  try {
    return hash.startsWith("#n-") ? decodeURIComponent(hash.slice(3)) : "";
  } catch {
    return "";
  }
};

document.addEventListener("click", (event) => {
  if (event.target === panel) return panel.close();
  const link = event.target.closest("a");
  const id = link ? idOf(link.getAttribute("href") ?? link.getAttribute("xlink:href") ?? "") : "";
  if (id && show(id)) event.preventDefault();
});
const follow = () => show(idOf(location.hash));
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
