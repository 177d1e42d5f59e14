"use strict";

/** How the page learns what changes: from the server's events, or by polling where it has no connection for them. */

const SILENCE = 5000; // a server sends something every two seconds

/** A connection that is not open by then waits for others of the browser, milliseconds. */
const OPENING = 3000;

/** A page that polls tries for a connection again after this time, milliseconds. */
const POLLING = 30000;

/** Pages of one browser with a connection for events: over HTTP/1.1 it has six to a server, and pictures need some. */
const STREAMS = 3;

/** Such pages write the time into localStorage twice a second; who has not for this time, milliseconds, is gone. */
const SEAT_MILLIS = 5000;
const SEAT = "maskstream-stream-";

/** This page's own entry; those of older pages sort before it. */
const seat = SEAT + performance.timeOrigin + "-" + Math.random();

let heard = Date.now();

/** Ends what listens now. */
let endFeed = () => {};

/** Whether this page may have a connection, which the oldest ones that can be seen have. */
function holdSeat() {
  try {
    const now = Date.now();
    const others = Object.keys(localStorage).filter((name) => name.startsWith(SEAT) && name !== seat);
    const gone = others.filter((name) => !(Math.abs(now - localStorage.getItem(name)) < SEAT_MILLIS));
    for (const name of gone) localStorage.removeItem(name);
    if (others.filter((name) => name < seat && !gone.includes(name)).length >= STREAMS) return false;
    localStorage.setItem(seat, now);
  } catch {
    // a browser that keeps nothing; each of its pages takes a connection
  }
  return true;
}

function leaveSeat() {
  try {
    localStorage.removeItem(seat);
  } catch {
    // nothing was kept
  }
}

function away() {
  if (!eventsCame) element("no-event").textContent = "The server does not answer.";
  tell("The server does not answer; trying again.", true);
}

/** Listens while the page can be seen; a hidden one holds no connection. */
function connect() {
  endFeed();
  if (!document.hidden) (holdSeat() ? listen : poll)();
}

/** Listens in another way after a moment. */
function changeWay(next) {
  endFeed();
  const timer = setTimeout(next, 1000);
  endFeed = () => clearTimeout(timer);
}

/** Listens to the server's events; a connection that breaks or says nothing is opened again. */
function listen() {
  const events = new EventSource(address("/api/events"));
  let complete = true;
  heard = Date.now();
  const watch = setInterval(() => {
    const quiet = Date.now() - heard;
    const waits = events.readyState === EventSource.CONNECTING && quiet > OPENING;
    if (waits || !holdSeat()) changeWay(poll);
    else if (quiet > SILENCE) { away(); changeWay(connect); }
  }, 500);
  endFeed = () => {
    clearInterval(watch);
    events.close();
    leaveSeat();
  };
  events.addEventListener("all", (event) => takeAll(JSON.parse(event.data)));
  events.addEventListener("changed", (event) => take(JSON.parse(event.data)));
  events.addEventListener("happened", (event) => {
    takeHappened(JSON.parse(event.data), complete);
    complete = false;
  });
  events.addEventListener("full", () => changeWay(poll));
  events.onerror = () => { away(); changeWay(connect); };
}

/** Asks every second, for a while. */
async function poll() {
  const until = Date.now() + POLLING;
  let ended = false;
  endFeed = () => { ended = true; };
  while (!ended && Date.now() < until) {
    try {
      const [views, events] = [await json("/api/cameras"), await json("/api/events/recent")];
      if (ended) return;
      takeAll(views);
      takeHappened(events, true);
    } catch {
      if (!ended) away();
    }
    await new Promise((next) => setTimeout(next, 1000));
  }
  if (!ended) connect();
}
