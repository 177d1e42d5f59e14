"use strict";

/** The dialog with which an operator lists, adds, pauses and removes cameras. */
const registry = "/api/registry";

/** Makes a change and shows the list, or why there was none, beside what asked for it. */
async function change(work, problem = "list-problem") {
  say("list-problem", "");
  say("problem", "");
  try {
    await work();
    await listRegistered();
    return true;
  } catch (error) {
    say(problem, error.message);
    return false;
  }
}

function action(label, name, work) {
  const button = make("button", "", label);
  button.type = "button";
  button.setAttribute("aria-label", label + " " + name);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await change(work);
    button.disabled = false;
    const again = element("registered").querySelector("tr[data-camera='" + CSS.escape(name) + "'] button");
    (again || element("registry").querySelector("h2")).focus(); // the list was rebuilt
  });
  return button;
}

/** A camera of the list, with what can be done to it. */
function registered(name, entry) {
  const path = registry + "/" + encodeURIComponent(name);
  const url = entry.camera.settings.url;
  const card = cards.get(name);
  const state = entry.camera.paused ? "paused" : card ? card.view.state || "unknown" : "not read yet";
  const row = make("tr");
  row.dataset.camera = name;
  const actions = make("td");
  actions.append(
    entry.camera.paused
      ? action("Resume", name, () => send("POST", path + "/resume"))
      : action("Pause", name, () => send("POST", path + "/pause")),
    " ",
    action("Change", name, () => edit(name, entry.camera.settings)),
    " ",
    action("Remove", name, async () => {
      if (confirm("Remove camera " + name + "? Its records stay in Kafka until they expire.")) await send("DELETE", path);
    }));
  row.append(make("th", "", name), make("td", "", typeof url === "string" ? url : JSON.stringify(url)),
    make("td", "", state), make("td", "", entry.owner || "nobody"), actions);
  return row;
}

async function listRegistered() {
  const entries = Object.entries(await json(registry));
  element("registered").replaceChildren(...entries.map(([name, entry]) => registered(name, entry)));
}

/** Settings of the camera that the form changes; none where it adds one. */
let edited;

/** Fills the form with a camera, or empties it. */
function edit(name, settings) {
  const form = element("add");
  const { url, fps, ...more } = settings || { url: "" };
  edited = settings;
  form.elements.id.value = name || "";
  form.elements.id.readOnly = Boolean(settings);
  form.elements.url.value = typeof url === "string" ? url : JSON.stringify(url);
  form.elements.fps.value = fps || "";
  form.elements.more.value = Object.keys(more).length ? JSON.stringify(more) : "";
  element("add-title").textContent = settings ? "Change " + name : "Add a camera";
  element("add-button").textContent = settings ? "Save" : "Add";
}

/** What the form says; an address may be a reference such as {"file": "/run/secrets/gate"}. */
function entered(form) {
  const { url, fps, more } = Object.fromEntries(new FormData(form));
  return {
    ...(more.trim() ? jsonObject(more, "Other settings") : {}),
    ...(fps ? { fps: Number(fps) } : {}),
    url: url.trim().startsWith("{") ? jsonObject(url, "An address that begins with {") : url,
  };
}

function jsonObject(text, name) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(name + " must be a JSON object: " + error.message);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Error(name + " must be a JSON object such as {\"quality\": 80}, is " + text);
  }
  return value;
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const done = await change(() => {
    const settings = entered(form);
    const path = registry + "/" + encodeURIComponent(form.elements.id.value);
    if (!edited) return send("PUT", path, settings);
    // A setting that was taken away has its default again.
    const gone = Object.keys(edited).filter((key) => !(key in settings)).map((key) => [key, null]);
    return send("PATCH", path, { ...settings, ...Object.fromEntries(gone) });
  }, "problem");
  if (done) edit();
}

element("manage").addEventListener("click", () => {
  element("registry").showModal();
  change(async () => {});
});
element("add").addEventListener("submit", submit);
element("add").addEventListener("reset", (event) => { event.preventDefault(); edit(); });
json("/api/role").then((role) => {
  operator = role === "operator";
  element("manage").hidden = element("manage-models").hidden = !operator;
  for (const card of cards.values()) card.report();
}, () => {});
