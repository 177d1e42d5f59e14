"use strict";

/** The dialog with which an operator sees and changes the models of the workers. */
const models = "/api/models";

/** Time between two looks while the dialog is open. */
const MODELS_MILLIS = 2000;

/** What the list was made of; it is rebuilt when that changes, so that the focus stays. */
let shownModels = "";

/** Makes a change and shows the models, or why there was none. */
async function changeModel(work) {
  say("models-problem", "");
  try {
    await work();
    await listModels();
    return true;
  } catch (error) {
    say("models-problem", error.message);
    return false;
  }
}

function ordered(slot) {
  const { order } = slot;
  if (!order) return "Never changed.";
  const start = order.givenMicros / 1000;
  const trial = slot.trial ? "; on trial until " + clock(start + order.shadowMillis) : "";
  return (order.undoing ? "Rolled back to " : "Ordered: ") + order.folder + " at " + clock(start) + ", " + order.reason
    + trial + "; " + slot.answered + " of " + slot.workers + (slot.workers === 1 ? " worker has" : " workers have")
    + " reported.";
}

function reportRow({ millis, report }) {
  const row = make("tr");
  row.append(make("th", "", report.worker), make("td", "", clock(millis)),
    make("td", "", report.from + " → " + report.to), make("td", "", report.outcome),
    make("td", "", report.agreement === null ? "" : (100 * report.agreement).toFixed(1) + " %"),
    make("td", "", report.reason));
  return row;
}

/** The workers' reports as a table that scrolls by itself where it is too wide. */
function reportTable(slot) {
  const scroll = make("div", "scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Reports on " + slot.slot);
  const table = make("table");
  const head = make("tr");
  for (const name of ["Worker", "Time", "Change", "Outcome", "Agreement", "Reason"]) head.append(make("th", "", name));
  table.createTHead().append(head);
  table.createTBody().append(...slot.reports.map(reportRow));
  scroll.append(table);
  return scroll;
}

function rollBack(slot) {
  const button = make("button", "", "Roll back to " + slot.order.previous);
  button.type = "button";
  button.dataset.slot = slot.slot;
  button.addEventListener("click", async () => {
    if (!confirm("Roll " + slot.slot + " back to " + slot.order.previous + "? Workers take it without a trial.")) return;
    button.disabled = true;
    await changeModel(() => send("POST", models + "/" + encodeURIComponent(slot.slot) + "/rollback"));
    button.disabled = false;
    focusSlot(slot.slot);
  });
  return button;
}

/** To a slot's button, in a list that may have been rebuilt. */
function focusSlot(slot) {
  const again = element("slots").querySelector("button[data-slot='" + CSS.escape(slot) + "']");
  (again || element("models-title")).focus();
}

/** A slot, what serves in it and what became of orders. */
function slotSection(slot) {
  const section = make("section");
  section.append(make("h3", "", slot.slot || slot.configured));
  const problem = make("p", "problem", slot.problem);
  if (!slot.slot) {
    section.append(problem);
    return section;
  }
  section.append(make("p", "", "Serves " + (slot.model ? slot.model + " from " : "") + slot.serving
    + (slot.serving === slot.configured ? "" : "; the topology file names " + slot.configured)),
  make("p", "quiet", ordered(slot)), problem);
  if (slot.order) section.append(rollBack(slot));
  if (slot.reports.length) section.append(reportTable(slot));
  return section;
}

/** Says what was reported last. */
function tellReport(slots) {
  const all = slots.flatMap((slot) => slot.reports).sort((a, b) => b.millis - a.millis);
  element("models-state").textContent = all.length
    ? "Last report, " + clock(all[0].millis) + ": " + all[0].report.worker + ", " + all[0].report.outcome : "";
}

async function listModels() {
  const slots = await json(models);
  tellReport(slots);
  const text = JSON.stringify(slots);
  if (text === shownModels) return;
  shownModels = text;
  const focused = element("slots").contains(document.activeElement) && document.activeElement;
  element("slots").replaceChildren(...slots.map(slotSection));
  if (focused) focusSlot(focused.dataset.slot || "");
  const select = element("swap").elements.slot;
  const names = slots.map((slot) => slot.slot).filter(Boolean);
  if (names.join("\n") === [...select.options].map((option) => option.value).join("\n")) return;
  select.replaceChildren(...names.map((name) => make("option", "", name)));
}

async function order(event) {
  event.preventDefault();
  const form = event.target;
  const { slot, folder, shadow, agreement } = Object.fromEntries(new FormData(form));
  const button = element("swap-button");
  button.disabled = true;
  const done = await changeModel(() => send("POST", models + "/" + encodeURIComponent(slot) + "/swap",
    { folder, shadowSeconds: Number(shadow), agreement: Number(agreement) }));
  button.disabled = false;
  button.focus();
  if (done) form.elements.folder.value = "";
}

/** Looks again and again while the dialog is open; says when it cannot, until it can. */
async function watchModels() {
  const problem = element("models-problem");
  let failure = "";
  while (element("models").open) {
    try {
      await listModels();
      if (failure && problem.textContent === failure) problem.textContent = "";
      failure = "";
    } catch (error) {
      problem.textContent = failure = error.message;
    }
    await new Promise((next) => setTimeout(next, MODELS_MILLIS));
  }
}

element("manage-models").addEventListener("click", () => {
  element("models-problem").textContent = "";
  element("models").showModal();
  watchModels();
});
element("swap").addEventListener("submit", order);
