"use strict";

/** The form with which an operator adds and changes rules, in the dialog of the rules. */
const ruleForm = element("rule-form");

/** Name of the rule that the form changes; null where it adds one. */
let editedRule = null;

function choice(name, value, checked) {
  const label = make("label");
  const box = make("input");
  box.type = "checkbox";
  box.name = name;
  box.value = value;
  box.checked = checked;
  label.append(box, value);
  return label;
}

/** Boxes for all names that are known and those that a rule has. */
function fillChoices(id, name, known, chosen) {
  const all = [...new Set([...known, ...chosen])].sort();
  const boxes = all.map((value) => choice(name, value, chosen.includes(value)));
  element(id).replaceChildren(element(id).querySelector("legend"), ...boxes);
}

function chosenOf(name) {
  return new FormData(ruleForm).getAll(name);
}

/** Zones of the chosen cameras, of all where none is chosen; the one that is set stays. */
function fillZones(set) {
  const chosen = chosenOf("cameras");
  const of = chosen.length ? chosen.map((name) => cards.get(name)).filter(Boolean) : [...cards.values()];
  const names = new Set(of.flatMap((card) => card.zones.zones.map((zone) => zone.name)));
  if (set) names.add(set);
  const whole = make("option", "", "whole picture");
  whole.value = "";
  ruleForm.elements.zone.replaceChildren(whole, ...[...names].sort().map((name) => make("option", "", name)));
  ruleForm.elements.zone.value = set || "";
}

/** What the model is not sure of has neither classes nor a zone; shares are at most 1. */
function fitMeasure() {
  const measure = ruleForm.elements.measure.value;
  const unknown = measure === "unknown";
  const most = ["share", "largest-region", "unknown"].includes(measure) ? "1" : "";
  ruleForm.elements.threshold.max = ruleForm.elements.release.max = most;
  element("rule-classes").hidden = element("rule-zone").hidden = unknown;
}

/** Fills the form with a rule, or with the defaults of a new one. */
function editRule(rule) {
  editedRule = rule ? rule.name : null;
  const fields = ruleForm.elements;
  ruleForm.reset();
  element("rule-title").textContent = rule ? "Change " + rule.name : "New rule";
  element("rule-problem").textContent = "";
  fields.name.value = rule ? rule.name : "";
  fields.name.readOnly = Boolean(rule);
  fillChoices("rule-cameras", "cameras", cards.keys(), rule ? rule.cameras : []);
  fillChoices("rule-classes", "classes", [...tables.values()].flat().map((entry) => entry.name), rule ? rule.classes : []);
  fillZones(rule && rule.zone);
  if (rule) {
    const threshold = rule.above === undefined ? rule.below : rule.above;
    fields.measure.value = rule.measure;
    fields.bound.value = rule.above === undefined ? "below" : "above";
    fields.threshold.value = threshold;
    fields.release.value = rule.release === threshold ? "" : rule.release;
    for (const time of ["hold", "releaseHold", "cooldown", "interval"]) fields[time].value = rule[time + "Seconds"];
  }
  fitMeasure();
  showRuleForm(true);
  (rule ? fields.measure : fields.name).focus();
}

function showRuleForm(open) {
  ruleForm.hidden = !open;
  element("new-rule").hidden = open || !operator;
}

/** What the form says, as keys of a topology file. */
function enteredRule() {
  const value = (name) => ruleForm.elements[name].value;
  const time = (name) => Math.round(1000 * Number(value(name))) + "ms";
  const unknown = value("measure") === "unknown";
  return {
    cameras: chosenOf("cameras"),
    measure: value("measure"),
    ...(unknown ? {} : { classes: chosenOf("classes") }),
    ...(value("zone") && !unknown ? { zone: value("zone") } : {}),
    [value("bound")]: Number(value("threshold")),
    ...(value("release") === "" ? {} : { release: Number(value("release")) }),
    hold: time("hold"),
    releaseHold: time("releaseHold"),
    cooldown: time("cooldown"),
    interval: time("interval"),
  };
}

const rulePath = (name) => "/api/rules/" + encodeURIComponent(name);

/** To what can be done with a rule of the list, which was made again. */
function focusRule(name) {
  const section = element("rule-list").querySelector("section[data-rule='" + CSS.escape(name) + "']");
  ((section && section.querySelector("button")) || element("new-rule")).focus();
}

async function saveRule(event) {
  event.preventDefault();
  const name = ruleForm.elements.name.value;
  const button = element("save-rule");
  button.disabled = true;
  element("rule-problem").textContent = "";
  try {
    if (editedRule === null && rules.some((rule) => rule.name === name)) {
      throw new Error("There is a rule " + name + " already.");
    }
    await send("PUT", rulePath(name), enteredRule());
    await listRules();
    showRuleForm(false);
    focusRule(name);
  } catch (error) {
    say("rule-problem", error.message);
    button.disabled = false;
    button.focus();
  }
  button.disabled = false;
}

async function removeRule(rule) {
  if (!confirm("Remove rule " + rule.name + "? Its open events end.")) return;
  element("rules-problem").textContent = "";
  try {
    await send("DELETE", rulePath(rule.name));
    showRuleForm(false);
    await listRules();
    element("new-rule").focus();
  } catch (error) {
    say("rules-problem", error.message);
  }
}

/** What an operator can do with a rule. */
function ruleActions(rule) {
  const actions = make("p", "actions");
  for (const [text, work] of [["Change", editRule], ["Remove", removeRule]]) {
    const button = make("button", "", text);
    button.type = "button";
    button.setAttribute("aria-label", text + " rule " + rule.name);
    button.addEventListener("click", () => work(rule));
    actions.append(button, " ");
  }
  return actions;
}

element("new-rule").addEventListener("click", () => editRule());
element("cancel-rule").addEventListener("click", () => {
  showRuleForm(false);
  focusRule(editedRule || "");
});
element("rule-cameras").addEventListener("change", () => fillZones(ruleForm.elements.zone.value));
ruleForm.elements.measure.addEventListener("change", fitMeasure);
ruleForm.addEventListener("submit", saveRule);
