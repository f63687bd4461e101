// The drawing of a chain with a wheel, two fingers or a drag, and a slider over its days. All of it is also there without.
"use strict";

const PARTS = ["frame", "days", "drawing"];
const WAIT = 250;

function part(page, name) {
  return page.querySelector(`[data-follows="${name}"]`);
}

let asked = 0;

async function show(address) {
  const mine = ++asked;
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) { location.assign(address); return; }
  const text = await answer.text();
  const page = new DOMParser().parseFromString(text.slice(text.indexOf("<body")), "text/html");
  if (mine !== asked) return; // another day was chosen meanwhile
  const slides = document.activeElement?.matches("[data-days]");
  for (const name of PARTS) {
    const fresh = part(page, name);
    if (fresh) part(document, name)?.replaceWith(document.adoptNode(fresh));
  }
  history.replaceState(null, "", address);
  begin();
  if (slides) document.querySelector("[data-days]")?.focus();
}

function slider() {
  const given = document.querySelector("template[data-slider]");
  if (!given || given.parentElement.querySelector("[data-days]")) return;
  const days = [...given.content.querySelectorAll("a")];
  if (days.length < 2) return;
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: 0, max: days.length - 1, step: 1, value: given.dataset.index });
  range.dataset.days = "";
  range.setAttribute("aria-label", given.dataset.label);
  const shown = document.createElement("span");
  shown.className = "days-shown";
  shown.setAttribute("aria-hidden", "true"); // the slider itself says it
  const tell = () => {
    shown.textContent = days[range.value].textContent;
    range.setAttribute("aria-valuetext", shown.textContent);
  };
  tell();
  let waiting = 0;
  range.addEventListener("input", () => {
    tell();
    asked += 1;
    clearTimeout(waiting);
    waiting = setTimeout(() => show(days[range.value].getAttribute("href")), WAIT);
  });
  const row = document.createElement("p");
  row.className = "days-slider";
  row.append(range, shown);
  given.before(row);
}

function zooms(view) {
  if (view.dataset.ready) return;
  view.dataset.ready = "yes";
  const svg = view.querySelector("svg");
  const box = svg.viewBox.baseVal;
  const fingers = new Map();
  let apart = 0;
  const size = (width, x, y) => {
    const now = svg.getBoundingClientRect();
    const wanted = Math.min(Math.max(width, box.width / 4), box.width * 4);
    const factor = wanted / now.width;
    const frame = view.getBoundingClientRect();
    const left = (view.scrollLeft + x - frame.left) * factor - (x - frame.left);
    const top = (view.scrollTop + y - frame.top) * factor - (y - frame.top);
    svg.classList.remove("fit");
    svg.classList.add("scaled");
    svg.setAttribute("width", wanted);
    svg.setAttribute("height", (wanted * box.height) / box.width);
    view.scrollTo(left, top);
  };
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const factor = event.deltaY < 0 ? 1.1 : 1 / 1.1;
    size(svg.getBoundingClientRect().width * factor, event.clientX, event.clientY);
  }, { passive: false });
  view.addEventListener("pointerdown", (event) => fingers.set(event.pointerId, event));
  view.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 1 && event.pointerType === "mouse") {
      view.scrollBy(before.clientX - event.clientX, before.clientY - event.clientY);
    }
    if (fingers.size === 2) {
      const [one, other] = [...fingers.values()];
      const distance = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      const [x, y] = [(one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2];
      if (apart) size((svg.getBoundingClientRect().width * distance) / apart, x, y);
      apart = distance;
    }
  });
  const lift = (event) => { fingers.delete(event.pointerId); apart = 0; };
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) view.addEventListener(name, lift);
}

function begin() {
  slider();
  document.querySelectorAll("[data-zooms]").forEach(zooms);
}

begin();
