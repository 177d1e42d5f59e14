"use strict";

/** What the person has chosen, kept from visit to visit. */
const settings = Object.assign(
  { opacity: 50, privacy: false, hidden: [] },
  JSON.parse(localStorage.getItem("maskstream") || "{}"));
const hidden = new Set(settings.hidden);
const cards = new Map();
const tables = new Map();
const element = (id) => document.getElementById(id);

function save() {
  settings.hidden = [...hidden];
  localStorage.setItem("maskstream", JSON.stringify(settings));
  for (const card of cards.values()) card.draw();
}

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A server that goes away may leave a request without an answer; the page must not wait for ever. */
async function get(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(path + ": " + response.status);
  return response;
}

async function json(path) {
  return (await get(path)).json();
}

async function bitmap(path) {
  const response = await get(path);
  return createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
}

/** Classes of a table, fetched once. */
async function classes(id) {
  if (!tables.has(id)) {
    const table = await json("/api/tables/" + encodeURIComponent(id));
    for (const entry of table) {
      entry.rgb = [1, 3, 5].map((at) => parseInt(entry.color.slice(at, at + 2), 16));
    }
    tables.set(id, table);
    legend();
  }
  return tables.get(id);
}

/** One camera on the page. */
class Card {
  constructor(camera) {
    this.camera = camera;
    this.shown = "";
    this.busy = false;
    this.root = make("article");
    this.root.dataset.camera = camera;
    this.canvas = make("canvas", "picture");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Masked picture of " + camera);
    this.canvas.addEventListener("click", () => { location.hash = "#" + encodeURIComponent(camera); });
    const text = make("div", "text");
    const title = make("h2");
    const link = make("a", "", camera);
    link.href = "#" + encodeURIComponent(camera);
    this.fps = make("span", "fps");
    title.append(link, this.fps);
    this.status = make("p", "status");
    this.status.setAttribute("role", "status");
    this.figures = make("dl", "figures");
    this.areas = make("canvas", "areas");
    this.areas.setAttribute("role", "img");
    this.areas.setAttribute("aria-label", "Area of each class over the last minutes");
    this.shares = make("table", "shares");
    text.append(title, this.status, this.figures, this.areas, this.shares);
    this.root.append(this.canvas, text);
    // In the order of their names, whichever camera came first.
    const next = [...element("wall").children].find((other) => other.dataset.camera > camera);
    element("wall").insertBefore(this.root, next || null);
  }

  /** Takes the newest figures, and the picture unless the one before is still on its way. */
  async update(view) {
    this.view = view;
    this.report();
    if (!view.id) return;
    this.table = await classes(view.classTable);
    this.describe();
    if (view.id === this.shown || this.busy || this.root.hidden) return;
    this.busy = true;
    try {
      const path = "/api/cameras/" + encodeURIComponent(this.camera);
      const parts = [bitmap(path + "/mask?" + view.id)];
      if (!settings.privacy) parts.push(bitmap(path + "/picture?" + view.id));
      const [mask, picture] = await Promise.all(parts);
      this.take(mask, picture);
      this.shown = view.id;
      this.root.dataset.frame = view.id;
    } finally {
      this.busy = false;
    }
  }

  take(mask, picture) {
    const ids = new OffscreenCanvas(mask.width, mask.height).getContext("2d", { willReadFrequently: true });
    ids.drawImage(mask, 0, 0);
    this.ids = ids.getImageData(0, 0, mask.width, mask.height);
    this.picture = picture;
    this.draw();
  }

  draw() {
    if (!this.ids) return;
    const { width, height, data } = this.ids;
    const target = this.picture && !settings.privacy ? this.picture : this.ids;
    if (this.canvas.width !== target.width || this.canvas.height !== target.height) {
      this.canvas.width = target.width;
      this.canvas.height = target.height;
    }
    const context = this.canvas.getContext("2d");
    const colors = new ImageData(width, height);
    const alpha = settings.privacy ? 255 : Math.round(settings.opacity * 2.55);
    for (let i = 0; i < data.length; i += 4) {
      const entry = this.table[data[i]];
      if (!entry || hidden.has(entry.name)) continue;
      colors.data[i] = entry.rgb[0];
      colors.data[i + 1] = entry.rgb[1];
      colors.data[i + 2] = entry.rgb[2];
      colors.data[i + 3] = alpha;
    }
    const layer = new OffscreenCanvas(width, height);
    layer.getContext("2d").putImageData(colors, 0, 0);
    context.imageSmoothingEnabled = false;
    if (this.picture && !settings.privacy) {
      context.drawImage(this.picture, 0, 0, this.canvas.width, this.canvas.height);
    } else {
      context.fillStyle = "#000";
      context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    }
    context.drawImage(layer, 0, 0, this.canvas.width, this.canvas.height);
  }

  /** What the camera does, where it does not deliver, and since when there is no frame. */
  report() {
    const view = this.view;
    const next = view.nextTry > 0 ? "; next try in " + view.nextTry.toFixed(0) + " s" : "";
    const plain = view.state === "finished" && !view.reason || ["", "delivering", "paused"].includes(view.state);
    this.status.textContent = plain ? "" : (view.reason || view.state) + next;
    this.status.classList.toggle("late", silent(view));
    this.canvas.hidden = !view.id;
    this.fps.textContent = ["finished", "paused"].includes(view.state) ? view.state : !view.id ? "no frame yet"
      : view.age > 3 ? "last frame " + view.age.toFixed(0) + " s ago" : view.fps.toFixed(1) + " fps";
    this.fps.classList.toggle("late", silent(view));
  }

  describe() {
    const view = this.view;
    const figures = [
      ["latency", view.latencyMillis.toFixed(0) + " ms"],
      ["dropped", view.drops],
      ["memory", view.framesSinceReset + " frames"],
      ["agreement", (100 * view.agreement).toFixed(0) + " %"],
      ["resets", view.resets + (view.lastReset ? " (" + view.lastReset + ")" : "")],
    ];
    if (single()) figures.push(["policy", view.policy], ["model", view.model]);
    this.figures.replaceChildren(...figures.map(([name, value]) => {
      const pair = make("div");
      pair.append(make("dt", "", name), make("dd", "", value));
      return pair;
    }));
    this.shares.hidden = !single();
    if (single()) {
      this.shares.replaceChildren(...this.table.map((entry) => {
        const row = make("tr");
        const name = make("td");
        const swatch = make("i");
        swatch.style.background = entry.color;
        name.append(swatch, entry.name);
        row.append(name, make("td", "", entry.group),
            make("td", "", (100 * view.shares[entry.name]).toFixed(2) + " %"));
        return row;
      }));
    }
  }

  /** Area of each class over time, stacked. */
  async history() {
    if (!this.table || this.root.hidden) return;
    const seconds = await json("/api/cameras/" + encodeURIComponent(this.camera) + "/history");
    const width = this.areas.width = this.areas.clientWidth || 300;
    const height = this.areas.height = this.areas.clientHeight || 48;
    const context = this.areas.getContext("2d");
    context.clearRect(0, 0, width, height);
    const step = width / Math.max(60, seconds.length);
    seconds.forEach((second, at) => {
      let top = 0;
      second.shares.forEach((share, k) => {
        const entry = this.table[k];
        context.fillStyle = hidden.has(entry.name) ? "transparent" : entry.color;
        context.fillRect(at * step, top * height, step + .5, share * height + .5);
        top += share;
      });
    });
  }
}

/** Whether a camera should deliver and does not; a paused one and a file at its end should not. */
function silent(view) {
  return !["finished", "paused"].includes(view.state) && (!view.id || view.age > 3);
}

/** The camera that has the page to itself, or nothing. */
function single() {
  return decodeURIComponent(location.hash.slice(1));
}

function arrange() {
  const alone = single();
  element("wall").classList.toggle("single", Boolean(alone));
  for (const card of cards.values()) card.root.hidden = Boolean(alone) && card.camera !== alone;
  document.title = alone ? alone + " · Maskstream" : "Maskstream";
}

function legend() {
  const names = new Map();
  for (const table of tables.values()) for (const entry of table) names.set(entry.name, entry);
  element("legend").replaceChildren(...[...names.values()].map((entry) => {
    const button = make("button");
    const swatch = make("i");
    swatch.style.background = entry.color;
    button.type = "button";
    button.dataset.name = entry.name;
    button.setAttribute("aria-pressed", String(!hidden.has(entry.name)));
    button.append(swatch, entry.name);
    button.addEventListener("click", () => toggle(entry.name));
    return button;
  }));
}

function toggle(name) {
  if (!hidden.delete(name)) hidden.add(name);
  legend();
  save();
}

function tell(text, bad) {
  element("state").textContent = text;
  element("state").classList.toggle("bad", Boolean(bad));
}

const SILENCE = 5000; // a server sends something every two seconds
let heard = Date.now();

/** Takes all cameras; a card whose camera is not among them goes. */
function takeAll(views) {
  const there = new Set(views.map((view) => view.camera));
  for (const [camera, card] of cards) {
    if (!there.has(camera)) {
      card.root.remove();
      cards.delete(camera);
      if (single() === camera) location.hash = "";
    }
  }
  take(views);
}

/** Takes what has changed of some cameras. */
function take(views) {
  heard = Date.now();
  for (const view of views) {
    if (!cards.has(view.camera)) {
      cards.set(view.camera, new Card(view.camera));
      arrange();
    }
    cards.get(view.camera).update(view).catch((error) => console.warn(error.message));
  }
  const all = [...cards.values()].map((card) => card.view);
  const late = all.filter(silent).length;
  tell(all.length === 0 ? "Waiting for cameras…"
      : all.length + (all.length === 1 ? " camera" : " cameras") + (late ? ", " + late + " silent" : ""), late);
}

function away() {
  tell("The server does not answer; trying again.", true);
}

/** Listens to the server's events; a connection that breaks or says nothing is opened again. */
function listen() {
  const events = new EventSource("/api/events");
  heard = Date.now();
  const again = (next) => {
    clearInterval(watch);
    events.close();
    setTimeout(next, 1000);
  };
  const watch = setInterval(() => {
    if (Date.now() - heard > SILENCE) { away(); again(listen); }
  }, 500);
  events.addEventListener("all", (event) => takeAll(JSON.parse(event.data)));
  events.addEventListener("changed", (event) => take(JSON.parse(event.data)));
  events.addEventListener("full", () => again(poll));
  events.onerror = () => { away(); again(listen); };
}

/** Where too many pages are open for events. */
async function poll() {
  try {
    takeAll(await json("/api/cameras"));
  } catch (error) {
    away();
  }
  setTimeout(poll, 1000);
}

async function histories() {
  try {
    await Promise.all([...cards.values()].map((card) => card.history()));
  } catch (error) {
    // the state line tells of a server that does not answer
  }
  setTimeout(histories, 1000);
}

function move(step) {
  const names = [...cards.keys()].sort();
  if (!names.length) return;
  const at = names.indexOf(single());
  location.hash = "#" + encodeURIComponent(names[(at + step + names.length) % names.length]);
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const names = [...element("legend").children].map((button) => button.dataset.name);
  if (event.key === "ArrowRight" && event.target.type !== "range") move(1);
  else if (event.key === "ArrowLeft" && event.target.type !== "range") move(-1);
  else if (event.key === "Enter" && !single() && event.target === document.body) move(1);
  else if (event.key === "Escape") location.hash = "";
  else if (event.key === "p") element("privacy").click();
  else if (event.key === "?") element("keys").showModal();
  else if (event.key === "+" || event.key === "-") setOpacity(settings.opacity + (event.key === "+" ? 10 : -10));
  else if (event.key === "0") { hidden.clear(); legend(); save(); }
  else if (/^[1-9]$/.test(event.key) && names[event.key - 1]) toggle(names[event.key - 1]);
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
element("help").addEventListener("click", () => element("keys").showModal());
addEventListener("hashchange", arrange);
addEventListener("keydown", keys);
arrange();
listen();
histories();
