"use strict";

/** Whether a camera should deliver and does not; a paused one and a file at its end should not. */
function silent(view) {
  return !["finished", "paused"].includes(view.state) && !unmasked(view) && (!view.id || view.age > view.silentAfter);
}

/** Whether a camera delivers and there is no mask of it. */
function unmasked(view) {
  return view.state === "delivering" && !view.id;
}

/** Whether the server has said which cameras there are. */
let camerasCame = false;

/** The camera that has the page to itself, or nothing. */
function single() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // a link that somebody has cut short
  }
}

/** Whether a camera has what is asked for in its name. */
function isFound(camera) {
  return camera.toLowerCase().includes((asked.get("find") || "").toLowerCase());
}

function arrange() {
  const alone = single();
  element("wall").classList.toggle("single", Boolean(alone));
  for (const card of cards.values()) {
    card.root.hidden = alone ? card.camera !== alone : !isFound(card.camera);
    card.editor.show(false);
    card.report();
    if (card.table) card.describe();
    card.timeline.draw();
    card.areas.draw();
  }
  element("no-match").textContent = missing(alone);
  document.title = alone ? alone + " · Maskstream" : "Maskstream";
}

/** Why no card is shown, where cameras are known. */
function missing(alone) {
  if (alone) return !camerasCame || cards.has(alone) ? "" : "There is no camera “" + alone + "”. It is shown here when it comes.";
  const none = cards.size && [...cards.values()].every((card) => card.root.hidden);
  return none ? "No camera has “" + asked.get("find") + "” in its name." : "";
}

/** Adds the classes that are new; the buttons that are there stay, and with them the focus. */
function legend() {
  const there = new Set([...element("legend").children].map((button) => button.dataset.name));
  for (const entry of [...tables.values()].flat()) {
    if (there.has(entry.name)) continue;
    there.add(entry.name);
    const button = make("button");
    const swatch = make("i");
    swatch.style.background = entry.color;
    button.type = "button";
    button.dataset.name = entry.name;
    button.append(swatch, entry.name);
    button.addEventListener("click", () => toggle(entry.name));
    element("legend").append(button);
  }
  mark();
}

/** From a class of the legend to the one beside it. */
function moveInLegend(button, step) {
  const all = [...element("legend").children];
  all[(all.indexOf(button) + step + all.length) % all.length].focus();
}

function toggle(name) {
  if (!hidden.delete(name)) hidden.add(name);
  mark();
  save();
}

/** Shows which classes are drawn; the buttons stay, and with them the focus. */
function mark() {
  for (const button of element("legend").children) {
    button.setAttribute("aria-pressed", String(!hidden.has(button.dataset.name)));
  }
}

function tell(text, bad) {
  element("state").textContent = text;
  element("state").classList.toggle("bad", Boolean(bad));
}

/** Takes all cameras; a card whose camera is not among them goes. */
function takeAll(views) {
  const there = new Set(views.map((view) => view.camera));
  let changed = !camerasCame;
  for (const [camera, card] of cards) {
    if (!there.has(camera)) {
      card.root.remove();
      cards.delete(camera);
      changed = true;
    }
  }
  take(views);
  camerasCame = true;
  if (changed) arrange();
}

/** Takes what has changed of some cameras. */
function take(views) {
  heard = Date.now();
  for (const view of views) {
    if (!cards.has(view.camera)) {
      cards.set(view.camera, new Card(view));
      arrange();
    }
    cards.get(view.camera).update(view).catch((error) => console.warn(error.message));
  }
  const all = [...cards.values()].map((card) => card.view);
  const late = all.filter(silent).length;
  const bare = all.filter(unmasked).length;
  tell(all.length === 0 ? "Waiting for cameras…"
      : all.length + (all.length === 1 ? " camera" : " cameras") + (late ? ", " + late + " silent" : "")
        + (bare ? ", " + bare + " without masks" : ""), late + bare);
}

async function histories() {
  try {
    if (!document.hidden) await Promise.all([...cards.values()].map((card) => card.history()));
  } catch (error) {
    // the state line reports a server that does not answer
  }
  setTimeout(histories, 1000);
}

function move(step) {
  const names = [...cards.keys()].filter(isFound).sort();
  if (!names.length) return;
  const at = names.indexOf(single());
  const next = at < 0 && step < 0 ? names.length - 1 : (at + step + names.length) % names.length;
  location.hash = "#" + encodeURIComponent(names[next]);
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("select, input:not([type=checkbox], [type=range])")) return;
  const names = [...element("legend").children].map((button) => button.dataset.name);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step && event.target.closest("#legend button")) moveInLegend(event.target, step);
  else if (event.key === "ArrowRight" && event.target.type !== "range") move(1);
  else if (event.key === "ArrowLeft" && event.target.type !== "range") move(-1);
  else if (event.key === "Enter" && !single() && event.target === document.body) move(1);
  else if (event.key === "Escape") location.hash = "";
  else if (event.key === "p") element("privacy").click();
  else if (event.key === "z") element("zones").click();
  else if (event.key === "e") element("events").click();
  else if (event.key === "r") element("show-rules").click();
  else if (event.key === "c" && names.length) element("legend").firstElementChild.focus();
  else if (event.key === "/") { event.preventDefault(); location.hash = ""; element("find").focus(); }
  else if (event.key === "?") element("keys").showModal();
  else if (event.key === "+" || event.key === "-") setOpacity(settings.opacity + (event.key === "+" ? 10 : -10));
  else if (event.key === "0") { hidden.clear(); mark(); save(); }
  else if (/^Digit[1-9]$/.test(event.code)) {
    const at = Number(event.code.slice(-1)) - 1 + (event.shiftKey ? 9 : 0);
    if (names[at]) toggle(names[at]);
  }
}

function setOpacity(value) {
  settings.opacity = Math.max(0, Math.min(100, value));
  element("opacity").value = settings.opacity;
  save();
}

element("opacity").value = settings.opacity;
element("privacy").checked = settings.privacy;
element("opacity").addEventListener("input", (event) => setOpacity(Number(event.target.value)));
element("privacy").addEventListener("change", (event) => { settings.privacy = event.target.checked; save(); });
element("zones").checked = settings.zones;
element("zones").addEventListener("change", (event) => { settings.zones = event.target.checked; save(); });
element("more").addEventListener("click", () => {
  const open = element("extras").classList.toggle("open");
  element("more").setAttribute("aria-expanded", String(open));
});
element("help").addEventListener("click", () => element("keys").showModal());
element("find").value = asked.get("find") || "";
element("find").addEventListener("input", (event) => { ask("find", event.target.value); arrange(); });
addEventListener("hashchange", arrange);
addEventListener("keydown", keys);
setInterval(() => {
  element("clock").textContent = clock(Date.now());
  for (const card of cards.values()) card.tick();
}, 200);
arrange();
startEvents();
document.addEventListener("visibilitychange", connect);
connect();
histories();
