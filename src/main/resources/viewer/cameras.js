"use strict";

/** The dialog with which an operator lists, adds, pauses and removes cameras. */
const registry = "/api/registry";

async function send(method, path, body) {
  const response = await fetch(path, {
    method,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(15000),
  });
  if (!response.ok) throw new Error(await response.text() || "The server answered with " + response.status + ".");
}

/** Makes a change and shows the list, or why there was none. */
async function change(work) {
  element("problem").textContent = "";
  try {
    await work();
    await listRegistered();
    return true;
  } catch (error) {
    element("problem").textContent = error.message;
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

async function add(event) {
  event.preventDefault();
  const form = event.target;
  const { id, url, fps } = Object.fromEntries(new FormData(form));
  const settings = fps ? { url, fps: Number(fps) } : { url };
  if (await change(() => send("PUT", registry + "/" + encodeURIComponent(id), settings))) form.reset();
}

element("manage").addEventListener("click", () => {
  element("registry").showModal();
  change(async () => {});
});
element("add").addEventListener("submit", add);
json("/api/role").then((role) => { element("manage").hidden = role !== "operator"; }, () => {});
