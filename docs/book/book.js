// What the book does where scripts run: search, and a printed page that hides nothing. Reading needs none of it.

const box = document.querySelector(".search");
const field = box.querySelector("input"), results = box.querySelector(".results");
const [said, list] = results.children;
const MOST = 12; // results that are shown

const simple = (words) => words.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

let index; // a promise of every section of the book: {href, page, title, words}
const load = () => index ??= fetch("search.json").then((answer) => answer.json());

/** How well a section fits: 0 where one of the asked words is missing; a heading counts more than its text. */
function fit(section, asked) {
  const title = simple(`${section.page} ${section.title}`), words = simple(section.words);
  const starts = (text, word) => text.match(new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape?.(word) ?? word.replace(/[^\p{L}\p{N}]/gu, "\\$&")}`, "gu"))?.length ?? 0;
  return asked.reduce((sum, word) => {
    const found = 10 * starts(title, word) + Math.min(5, starts(words, word));
    return sum && found && sum + found;
  }, 1) - 1;
}

async function search() {
  const asked = simple(field.value).split(/\s+/).filter(Boolean);
  results.hidden = !asked.length;
  if (!asked.length) return;
  const found = (await load()).map((section) => ({section, fit: fit(section, asked)})).filter((one) => one.fit > 0);
  found.sort((a, b) => b.fit - a.fit);
  said.textContent = found.length ? `${found.length} found` : "Nothing found";
  list.replaceChildren(...found.slice(0, MOST).map(({section}) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = section.href;
    link.textContent = section.title === section.page ? section.page : `${section.page}: ${section.title}`;
    item.append(link);
    return item;
  }));
}

field.addEventListener("focus", load, {once: true});
field.addEventListener("input", search);
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape") results.hidden = true;
});
list.addEventListener("click", () => { results.hidden = true; });

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open], .source)")];
  for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of opened) one.open = false;
});

// What scrolls sideways can be reached with the keyboard.
for (const one of document.querySelectorAll(".formula, .picture, .wide, div.output"))
  if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
