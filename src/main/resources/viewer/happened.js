"use strict";

/** Events of rules by id, the newest notice of each. */
const happened = new Map();

/** Their rows in the list, and what they were made of. */
const rows = new Map();

const MOST_EVENTS = 1000; // as many as the server keeps
let eventsCame = false;

/** Takes events, those that changed last at the end; where they are all there are, others are forgotten. */
function takeHappened(events, all) {
  eventsCame = true;
  const before = all ? new Map(happened) : happened;
  if (all) happened.clear();
  let news = all && before.size !== events.length;
  for (const event of events) {
    const known = before.get(event.id);
    const same = known && JSON.stringify(known) === JSON.stringify(event);
    happened.set(event.id, same ? known : event); // the row of one that is the same stays
    news ||= !same;
  }
  keepNewest();
  if (news || !rows.size) listHappened();
}

function keepNewest() {
  const all = [...happened.values()].sort((a, b) => b.startMillis - a.startMillis);
  for (const event of all.slice(MOST_EVENTS)) happened.delete(event.id);
}

function duration(millis) {
  if (millis < 1000) return Math.round(millis / 100) / 10 + " s";
  const seconds = Math.round(millis / 1000);
  if (seconds < 60) return seconds + " s";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min" + (seconds % 60 ? " " + seconds % 60 + " s" : "");
  return Math.floor(seconds / 3600) + " h " + Math.floor(seconds / 60) % 60 + " min";
}

/** When it began; with the day where that is not today. */
function began(event) {
  const start = new Date(event.startMillis);
  const today = start.toDateString() === new Date().toDateString();
  return (today ? "" : start.toLocaleDateString() + " ") + clock(event.startMillis);
}

function amount(event, value) {
  const unit = { share: " %", "largest-region": " %", unknown: " %", change: " %/s" }[event.measure];
  return unit ? percent(100 * value) + unit : String(Number(value.toPrecision(3)));
}

/** With a decimal, or as many as a small number needs. */
function percent(value) {
  return value === 0 || Math.abs(value) >= .1 ? value.toFixed(1) : String(Number(value.toPrecision(2)));
}

function sentence(event) {
  const where = event.zone ? " in " + event.zone : "";
  const what = event.classes.length ? " of " + event.classes.join(", ") : "";
  return event.measure + what + where + ": " + amount(event, event.peak);
}

/** Address of the picture of an event's start; parts of an id are between slashes. */
function snapshotPath(event) {
  return address("/api/events/" + event.id.split("/").map(encodeURIComponent).join("/") + "/snapshot.jpg");
}

/** The picture of an event's start; one that is gone meanwhile leaves no gap. */
function snapshot(event, gone) {
  const picture = make("img", "snapshot");
  picture.loading = "lazy";
  picture.alt = "Masked picture of " + event.camera + " when " + event.rule + " started";
  picture.addEventListener("error", gone);
  picture.src = snapshotPath(event);
  return picture;
}

function eventRow(event) {
  const row = make("li", event.ongoing ? "ongoing" : "");
  row.dataset.event = event.id;
  const title = make("p");
  const link = make("a", "", event.camera);
  link.href = "#" + encodeURIComponent(event.camera);
  title.append(make("strong", "", event.rule), " ", link);
  const time = make("time", "", began(event));
  time.dateTime = new Date(event.startMillis).toISOString();
  const when = make("p", "quiet");
  if (event.ongoing) when.append("since ", time, ", ", make("mark", "", "ongoing"));
  else when.append(time, ", " + duration(event.lastMillis - event.startMillis));
  row.append(title, make("p", "quiet", sentence(event)), when);
  if (event.snapshot) {
    const large = make("a", "large");
    large.href = snapshotPath(event);
    large.target = "_blank";
    large.append(snapshot(event, () => large.remove()));
    row.append(large);
  }
  return row;
}

/** Filters that are lists, by their names in the address. */
const CHOICES = { camera: "of-camera", class: "of-class", rule: "of-rule" };

/** Limits of time, by their names in the address. */
const LIMITS = ["from", "to"];

/** A time of the address in milliseconds; NaN where there is none. */
const limit = (name) => Date.parse(asked.get(name));

/** Fills a filter with what occurs; what was chosen stays, also where it does not occur any more. */
function options(select, names, chosen) {
  const wanted = ["", ...[...new Set([...names, chosen])].filter(Boolean).sort()];
  if (wanted.join("\n") === [...select.options].map((option) => option.value).join("\n")) return;
  select.replaceChildren(...wanted.map((name) => {
    const option = make("option", "", name || "all");
    option.value = name;
    return option;
  }));
  select.value = chosen || "";
}

/** Whether the filters let an event pass; one that goes on is not over. */
function passes(event) {
  const camera = single() || asked.get("camera");
  return (!camera || event.camera === camera)
    && (!asked.get("class") || event.classes.includes(asked.get("class")))
    && (!asked.get("rule") || event.rule === asked.get("rule"))
    && !(!event.ongoing && event.lastMillis < limit("from"))
    && !(event.startMillis > limit("to"));
}

/** Shows what the address asks for in the filters. */
function showChoice() {
  for (const [name, id] of Object.entries(CHOICES)) {
    const chosen = asked.get(name) || "";
    options(element(id), [...element(id).options].map((option) => option.value), chosen);
    element(id).value = chosen;
  }
  for (const name of LIMITS) {
    const time = limit(name);
    const local = new Date(time - new Date(time || 0).getTimezoneOffset() * 60000);
    element(name).value = time ? local.toISOString().slice(0, 16) : "";
  }
}

/** The filters in words, for where they are folded away. */
function tellChoice() {
  const lists = Object.keys(CHOICES).filter((name) => name !== "camera" || !single()).map((name) => asked.get(name));
  const times = LIMITS.filter((name) => limit(name)).map((name) => name + " " + new Date(limit(name)).toLocaleString());
  const words = [...lists, ...times].filter(Boolean).join(", ");
  element("choice-title").textContent = words ? "Filter: " + words : "Filter";
}

/** On a phone the filters are folded away; elsewhere they are always there. */
function foldChoice(phone) {
  element("choice").open = !phone.matches;
}

function choose(name, value) {
  ask(name, value);
  listHappened();
}

function chooseAll() {
  for (const name of [...Object.keys(CHOICES), ...LIMITS]) ask(name, "");
  showChoice();
  listHappened();
}

/** Shows the events that the filters let pass. Rows that have not changed stay, and with them the focus. */
function listHappened() {
  const all = [...happened.values()].sort((a, b) => b.startMillis - a.startMillis);
  options(element("of-camera"), [...all.map((event) => event.camera), ...cards.keys()], asked.get("camera"));
  options(element("of-class"), all.flatMap((event) => event.classes), asked.get("class"));
  options(element("of-rule"), all.map((event) => event.rule), asked.get("rule"));
  element("of-camera").parentElement.hidden = Boolean(single());
  tellChoice();
  const shown = all.filter(passes);
  const list = element("event-list");
  const kept = new Set(shown.map((event) => event.id));
  for (const [id, row] of rows) {
    if (!kept.has(id)) { row.root.remove(); rows.delete(id); }
  }
  shown.forEach((event, at) => {
    let row = rows.get(event.id);
    if (!row || row.event !== event) {
      const made = eventRow(event);
      if (row) replaceRow(row.root, made);
      row = { event, root: made };
      rows.set(event.id, row);
    }
    if (list.children[at] !== row.root) list.insertBefore(row.root, list.children[at] || null);
  });
  const ongoing = all.filter((event) => event.ongoing).length;
  element("events").textContent = ongoing ? "Events (" + ongoing + " ongoing)" : "Events";
  element("no-event").textContent = !eventsCame ? "Loading…" : shown.length ? ""
    : all.length ? "No event of this choice." : "No event yet. Rules and the health of the cameras make them.";
}

/** A row in another's place, with the focus that was in it. */
function replaceRow(old, made) {
  const focused = old.contains(document.activeElement);
  old.replaceWith(made);
  if (focused) made.querySelector("a").focus();
}

/** Events of a camera over time: a row for each rule. */
class Timeline {
  constructor(camera) {
    this.camera = camera;
    this.events = [];
    this.root = make("section", "timeline");
    const range = make("select");
    for (const [minutes, text] of [[5, "5 min"], [60, "1 h"], [1440, "24 h"]]) {
      const option = make("option", "", text);
      option.value = minutes;
      range.append(option);
    }
    range.value = settings.minutes;
    range.addEventListener("change", () => { settings.minutes = Number(range.value); save(); this.draw(); });
    const label = make("label", "", "Events of the last ");
    label.append(range);
    this.tracks = make("div", "tracks");
    this.tracks.setAttribute("role", "img");
    this.tracks.tabIndex = 0;
    this.tracks.addEventListener("pointerover", (event) => this.read(event.target.dataset.event));
    this.tracks.addEventListener("pointerleave", () => this.read());
    this.tracks.addEventListener("blur", () => this.read());
    this.tracks.addEventListener("keydown", (event) => this.step(event));
    this.tip = make("div", "tip");
    this.tip.setAttribute("role", "status");
    this.tip.hidden = true;
    this.axis = make("div", "axis");
    const chart = make("div", "chart");
    chart.append(this.tip, this.tracks);
    this.root.append(label, chart, this.axis);
  }

  /** From an event of this time to the one beside it. */
  step(key) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key.key];
    if (!by || !this.events.length) return;
    key.preventDefault();
    key.stopPropagation();
    const last = this.events.length - 1;
    const now = this.events.findIndex((event) => event.id === this.shown);
    this.read(this.events[now < 0 ? last : Math.max(0, Math.min(last, now + by))].id);
  }

  /** Says what an event was, with its picture; none takes that away. */
  read(id) {
    const event = happened.get(id);
    const same = event && this.shown === id;
    this.shown = event && id;
    this.tip.hidden = !event;
    for (const bar of this.tracks.querySelectorAll("i")) bar.classList.toggle("read", bar.dataset.event === this.shown);
    if (!event || same) return;
    this.tip.replaceChildren(make("p", "", event.rule + ", " + this.words(event)));
    if (event.snapshot) this.tip.append(snapshot(event, (error) => error.target.remove()));
  }

  words(event) {
    const lasted = event.ongoing ? "ongoing" : duration(event.lastMillis - event.startMillis);
    return began(event) + ", " + lasted + ", " + sentence(event);
  }

  draw() {
    this.root.hidden = !single();
    if (this.root.hidden) return;
    const end = Date.now();
    const span = settings.minutes * 60000;
    const events = [...happened.values()].filter((event) => event.camera === this.camera
      && (event.ongoing || event.lastMillis > end - span)).sort((a, b) => a.startMillis - b.startMillis);
    this.events = events;
    const rules = [...new Set(events.map((event) => event.rule))].sort();
    this.tracks.setAttribute("aria-label", events.length + (events.length === 1 ? " event" : " events")
      + " in this time; arrow keys read them");
    this.tracks.replaceChildren(...(rules.length ? rules.map((rule) => this.track(rule, events, end, span))
      : [make("p", "quiet", "No event in this time.")]));
    this.axis.replaceChildren(...[0, .25, .5, .75, 1].map((share) =>
      make("span", "", minute(end - span * (1 - share)))));
  }

  track(rule, events, end, span) {
    const track = make("div", "track");
    const bars = make("div", "bars");
    for (const event of events.filter((one) => one.rule === rule)) {
      const start = Math.max(0, 1 - (end - event.startMillis) / span);
      const stop = event.ongoing ? 1 : 1 - (end - event.lastMillis) / span;
      const bar = make("i", event.ongoing ? "ongoing" : "");
      bar.dataset.event = event.id;
      bar.classList.toggle("read", event.id === this.shown);
      bar.style.left = 100 * start + "%";
      bar.style.width = 100 * Math.max(0, stop - start) + "%";
      bars.append(bar);
    }
    track.append(make("span", "", rule), bars);
    return track;
  }
}

function showEvents(shown) {
  settings.events = shown;
  element("happened").hidden = !shown;
  element("events").setAttribute("aria-expanded", String(shown));
  save();
}

function startEvents() {
  element("events").addEventListener("click", () => showEvents(!settings.events));
  for (const [name, id] of Object.entries(CHOICES)) {
    element(id).addEventListener("change", (event) => choose(name, event.target.value));
  }
  for (const name of LIMITS) {
    element(name).addEventListener("change", (event) => {
      choose(name, event.target.value && new Date(event.target.value).toISOString());
    });
  }
  element("chosen").addEventListener("submit", (event) => event.preventDefault());
  element("chosen").addEventListener("reset", (event) => { event.preventDefault(); chooseAll(); });
  addEventListener("hashchange", listHappened);
  const phone = matchMedia("(max-width: 900px)");
  phone.addEventListener("change", foldChoice);
  foldChoice(phone);
  const filtered = [...Object.keys(CHOICES), ...LIMITS].some((name) => asked.has(name));
  showEvents(settings.events || filtered);
  showChoice();
  listHappened();
}
