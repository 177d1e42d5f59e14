"use strict";

/** The dialog with the rules and where each stands for its cameras. */
const NO_RULE = "No rule yet. Operators add them here; topology files of workers have them in the block rules.";

/** Where a rule comes from. */
const ORIGINS = {
  file: "From a topology file.",
  changed: "From a topology file, changed by an operator since.",
  page: "From an operator.",
};

/** Rules by the server, at the opening and after every change. */
let rules = [];

function list(names) {
  return names.join(", ");
}

/** What a rule says, as a sentence. */
function ruleWords(rule) {
  const what = rule.classes.length ? " of " + list(rule.classes) : "";
  const bound = rule.above === undefined ? "at most " + amount(rule, rule.below) : "at least " + amount(rule, rule.above);
  const end = rule.above === undefined ? "above " : "below ";
  return "Starts where " + rule.measure + what + (rule.zone ? " in zone " + rule.zone : " in the picture") + " is "
    + bound + " for " + duration(1000 * rule.holdSeconds) + ", ends " + end + amount(rule, rule.release) + " for "
    + duration(1000 * rule.releaseHoldSeconds) + ". The next starts " + duration(1000 * rule.cooldownSeconds)
    + " later or more; while it goes on, a notice every " + duration(1000 * rule.intervalSeconds) + ".";
}

/** Where a rule stands for a camera, by the events that the page knows. */
function ruleState(rule, camera) {
  const card = cards.get(camera);
  if (!card) return "not on the page";
  if (rule.zone && !card.zones.zones.some((zone) => zone.name === rule.zone)) return "has no zone " + rule.zone;
  const events = [...happened.values()].filter((event) => event.rule === rule.name && event.camera === camera);
  const last = events.sort((a, b) => b.startMillis - a.startMillis)[0];
  if (!last) return "no event yet";
  if (last.ongoing) return "ongoing since " + began(last) + ", peak " + amount(rule, last.peak);
  return "quiet; last event " + began(last) + ", " + duration(last.lastMillis - last.startMillis);
}

function ruleSection(rule) {
  const section = make("section");
  section.dataset.rule = rule.name;
  const cameras = make("ul", "plain");
  for (const camera of rule.cameras.length ? rule.cameras : [...cards.keys()].sort()) {
    const entry = make("li");
    entry.dataset.camera = camera;
    const link = make("a", "", camera);
    link.href = "#" + encodeURIComponent(camera);
    link.addEventListener("click", () => element("rules").close());
    entry.append(link, " ", make("span", "quiet"));
    cameras.append(entry);
  }
  section.append(make("h3", "", rule.name), make("p", "", ruleWords(rule)),
    make("p", "quiet", ORIGINS[rule.origin] + (rule.cameras.length ? " Cameras:" : " All cameras:")), cameras);
  if (operator) section.append(ruleActions(rule));
  return section;
}

/** Shows where rules stand; the list stays, and with it the focus. */
function markRules() {
  for (const rule of rules) {
    const section = element("rule-list").querySelector("section[data-rule='" + CSS.escape(rule.name) + "']");
    for (const entry of section.querySelectorAll("li")) {
      const state = ruleState(rule, entry.dataset.camera);
      const text = entry.querySelector("span");
      if (text.textContent !== state) text.textContent = state;
      entry.classList.toggle("ongoing", state.startsWith("ongoing"));
    }
  }
}

async function listRules() {
  rules = await json("/api/rules");
  element("rule-list").replaceChildren(...rules.map(ruleSection));
  element("rules-problem").textContent = rules.length ? "" : NO_RULE;
  markRules();
}

async function showRules() {
  element("rules").showModal();
  showRuleForm(false);
  try {
    await listRules();
  } catch (error) {
    element("rules-problem").textContent = "The server does not answer.";
  }
  while (element("rules").open) {
    markRules();
    await new Promise((next) => setTimeout(next, 500));
  }
}

element("show-rules").addEventListener("click", showRules);
