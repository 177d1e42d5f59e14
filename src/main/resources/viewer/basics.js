"use strict";

function kept() {
  try {
    return JSON.parse(localStorage.getItem("maskstream") || "{}");
  } catch {
    return {}; // of another program, or of none
  }
}

/** What the person has chosen, kept from visit to visit. */
const settings = Object.assign(
  { opacity: 50, privacy: false, zones: true, events: false, minutes: 60, hidden: [] }, kept());
const hidden = new Set(settings.hidden);
const cards = new Map();
const tables = new Map();

/** Whether the person may change anything. */
let operator = false;

/** What the address asks for beside the camera after its #, so that a link shows the same: names of cards, events. */
const asked = new URLSearchParams(location.search);

/** Puts a wish into the address; an empty one is none. */
function ask(name, value) {
  if (value) asked.set(name, value);
  else asked.delete(name);
  const query = asked.toString();
  history.replaceState(null, "", location.pathname + (query && "?" + query) + location.hash);
}

const element = (id) => document.getElementById(id);

function save() {
  settings.hidden = [...hidden];
  localStorage.setItem("maskstream", JSON.stringify(settings));
  for (const card of cards.values()) {
    card.draw();
    card.zones.draw(card.zones.draft);
    card.areas.draw();
  }
}

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A path of this server; one that is relative to an address with user and password cannot be fetched. */
const address = (path) => new URL(path, location.origin).href;

/** A server that goes away may leave a request without an answer; the page must not wait for ever. */
async function get(path) {
  const response = await fetch(address(path), { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(path + ": " + (await response.text() || response.status));
  return response;
}

async function json(path) {
  return (await get(path)).json();
}

async function bitmap(path) {
  const response = await get(path);
  return createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
}

/** Asks for a change; the error says why there was none. */
async function send(method, path, body) {
  const response = await fetch(address(path), {
    method,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(15000),
  });
  if (!response.ok) throw new Error(await response.text() || "The server answered with " + response.status + ".");
}

/** Says in an element that a change was refused, and brings it into view; an empty text takes that away. */
function say(id, text) {
  element(id).textContent = text;
  if (text) element(id).scrollIntoView({ block: "nearest" });
}

/** A time of the day, in the person's own zone. */
function clock(millis) {
  return new Date(millis).toLocaleTimeString("en-GB");
}

function minute(millis) {
  return clock(millis).slice(0, 5);
}
