"use strict";

/** Zones are drawn in a square of this side that is stretched over the picture. */
const SQUARE = 1000;

/** Room at the upper left of a picture for how far it is behind, pixels. */
const BEHIND_LABEL = [150, 30];

const svg = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);

/** The zones of a camera over its picture. */
class ZoneLayer {
  constructor(camera, frame) {
    this.camera = camera;
    this.version = 0;
    this.zones = [];
    this.shapes = svg("svg");
    this.shapes.setAttribute("class", "zones");
    this.shapes.setAttribute("viewBox", "0 0 " + SQUARE + " " + SQUARE);
    this.shapes.setAttribute("preserveAspectRatio", "none");
    this.shapes.setAttribute("role", "img");
    this.names = make("div", "zone-names");
    this.names.setAttribute("aria-hidden", "true");
    frame.append(this.shapes, this.names);
    this.frame = frame;
    new ResizeObserver(() => this.separate()).observe(frame);
    this.draw();
  }

  /** Fetches the zones where they have changed. */
  async update(version) {
    if (version === this.version || this.asking) return;
    this.asking = true;
    try {
      this.zones = await json("/api/cameras/" + encodeURIComponent(this.camera) + "/zones");
      this.version = version;
    } catch {
      return; // with the next figures again
    } finally {
      this.asking = false;
    }
    this.draw(this.draft);
  }

  /** Draws the zones; the one that is edited is drawn as it is now. */
  draw(draft) {
    this.draft = draft;
    const others = this.zones.filter((zone) => !draft || zone.name !== draft.was);
    const all = draft ? [...others, draft] : settings.zones ? others : [];
    this.shapes.replaceChildren(...all.map((zone) => {
      const shape = svg("polygon");
      shape.setAttribute("points", zone.polygon.map(([x, y]) => x * SQUARE + "," + y * SQUARE).join(" "));
      shape.setAttribute("class", zone === draft ? "draft" : "");
      return shape;
    }));
    this.shapes.setAttribute("aria-label", all.length ? "Zones: " + all.map((zone) => zone.name).join(", ") : "No zones");
    this.names.replaceChildren(...all.filter((zone) => zone.polygon.length).map((zone) => {
      const name = make("span", "", zone.name);
      const top = zone.polygon.reduce((best, corner) => corner[1] < best[1] ? corner : best);
      name.style.left = 100 * Math.min(top[0], .85) + "%";
      name.style.top = 100 * top[1] + "%";
      return name;
    }));
    this.separate();
  }

  /** Moves names down that would cover one another, or the label that says how far the picture is behind. */
  separate() {
    const frame = this.frame.getBoundingClientRect();
    if (!frame.width) return;
    const taken = [{ left: frame.left, right: frame.left + BEHIND_LABEL[0], top: frame.top, bottom: frame.top + BEHIND_LABEL[1] }];
    for (const name of this.names.children) {
      name.style.translate = "none";
      const box = name.getBoundingClientRect();
      const over = (other, down) => box.left < other.right && other.left < box.right
        && box.top + down < other.bottom && other.top < box.bottom + down;
      let down = 0;
      for (let other; (other = taken.find((one) => over(one, down)));) down = other.bottom - box.top + 1;
      if (down) name.style.translate = "0 " + down + "px";
      taken.push({ left: box.left, right: box.right, top: box.top + down, bottom: box.bottom + down });
    }
  }
}

/** Distance of a point from the line between two others. */
function distance([x, y], [ax, ay], [bx, by]) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = length ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
  return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

const share = (value) => Math.round(1e4 * Math.max(0, Math.min(1, value))) / 1e4;

/** With which an operator changes the zones of a camera: corners on the picture, names beside it. */
class ZoneEditor {
  constructor(layer, frame, classes) {
    this.layer = layer;
    this.frame = frame;
    this.classes = classes;
    this.root = make("section", "zone-editor");
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.problem = make("p", "problem");
    this.problem.setAttribute("role", "alert");
    this.open = this.button("Edit zones", () => this.show(true));
    this.list = make("ul");
    this.form = make("form");
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    this.fresh = this.button("New zone", () => this.edit({ name: "", polygon: [], regions: [] }));
    this.done = this.button("Done", () => this.show(false));
    this.root.append(this.open, this.list, this.form, this.problem, this.fresh, " ", this.done);
    frame.addEventListener("click", (event) => this.click(event));
    this.corners = make("div", "corners");
    this.corners.addEventListener("keydown", (event) => this.key(event));
    frame.append(this.corners);
    this.show(false);
  }

  button(text, work) {
    const button = make("button", "", text);
    button.type = "button";
    button.addEventListener("click", work);
    return button;
  }

  show(open) {
    const had = this.root.contains(document.activeElement);
    this.open.hidden = open;
    this.list.hidden = this.fresh.hidden = this.done.hidden = !open;
    this.problem.textContent = "";
    this.edit(null);
    if (had) (open ? this.fresh : this.open).focus();
  }

  /** Zones with what can be done to them. */
  fill() {
    const zones = this.layer.zones.map((zone) => {
      const row = make("li");
      const change = this.button("Change", () => this.edit(zone));
      const remove = this.button("Remove", () => this.remove(zone));
      change.setAttribute("aria-label", "Change zone " + zone.name);
      remove.setAttribute("aria-label", "Remove zone " + zone.name);
      row.append(make("span", "", zone.name), change, " ", remove);
      return row;
    });
    const focused = this.list.contains(document.activeElement) && document.activeElement.getAttribute("aria-label");
    this.list.replaceChildren(...(zones.length ? zones : [make("li", "quiet", "This camera has no zones.")]));
    const again = [...this.list.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === focused);
    if (focused) (again || this.fresh).focus();
  }

  /** Begins with a zone; none ends it. */
  edit(zone) {
    this.draft = zone && { ...zone, was: zone.name, polygon: zone.polygon.map((corner) => [...corner]) };
    this.frame.classList.toggle("editing", Boolean(zone));
    this.form.replaceChildren(...(zone ? this.fields() : []));
    this.form.hidden = !zone;
    this.fresh.hidden = Boolean(zone) || !this.open.hidden;
    this.fill();
    this.draw();
    if (zone) this.name.focus();
  }

  fields() {
    this.name = make("input");
    this.name.name = "zone";
    this.name.required = true;
    this.name.autocomplete = "off";
    this.name.value = this.draft.name;
    this.name.addEventListener("input", () => { this.draft.name = this.name.value; this.layer.draw(this.draft); });
    const label = make("label", "", "Name ");
    label.append(this.name);
    const counted = make("details");
    counted.append(make("summary", "", "Count regions of"), ...this.classes().map((entry) => this.choice(entry.name)));
    const hint = make("p", "quiet", "Click the picture to add a corner. Drag a corner, or move it with the arrow keys"
      + " (with Shift by more); Delete removes it.");
    const store = make("button", "", "Save zone");
    return [label, hint, this.button("Add corner", () => this.add([.5, .5], true)), counted, store, " ",
      this.button("Cancel", () => { this.problem.textContent = ""; this.edit(null); this.fresh.focus(); })];
  }

  choice(name) {
    const label = make("label");
    const box = make("input");
    box.type = "checkbox";
    box.checked = this.draft.regions.includes(name);
    box.addEventListener("change", () => {
      const others = this.draft.regions.filter((other) => other !== name);
      this.draft.regions = box.checked ? [...others, name] : others;
    });
    label.append(box, name);
    return label;
  }

  at(event) {
    const box = this.frame.getBoundingClientRect();
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  }

  click(event) {
    if (!this.draft) return;
    event.preventDefault();
    if (!event.target.classList.contains("corner")) this.add(this.at(event));
  }

  /** A corner at the end of a new zone; in the nearest edge of one that was there. */
  add(corner, focus) {
    this.problem.textContent = "";
    const polygon = this.draft.polygon;
    let place = polygon.length;
    if (this.draft.was && place > 2) {
      const far = polygon.map((one, at) => distance(corner, one, polygon[(at + 1) % polygon.length]));
      place = far.indexOf(Math.min(...far)) + 1;
    }
    polygon.splice(place, 0, corner);
    this.draw();
    if (focus) this.corners.children[place].focus();
  }

  draw() {
    const polygon = this.draft ? this.draft.polygon : [];
    while (this.corners.children.length > polygon.length) this.corners.lastChild.remove();
    while (this.corners.children.length < polygon.length) this.corners.append(this.corner());
    polygon.forEach(([x, y], at) => {
      const corner = this.corners.children[at];
      corner.style.left = 100 * x + "%";
      corner.style.top = 100 * y + "%";
      corner.setAttribute("aria-label", "Corner " + (at + 1) + " at " + (100 * x).toFixed(0) + " % from the left, "
        + (100 * y).toFixed(0) + " % from the top");
    });
    this.layer.draw(this.draft);
  }

  corner() {
    const corner = this.button("", () => {});
    corner.className = "corner";
    corner.addEventListener("pointerdown", (event) => corner.setPointerCapture(event.pointerId));
    corner.addEventListener("pointermove", (event) => {
      if (corner.hasPointerCapture(event.pointerId)) this.move(corner, this.at(event));
    });
    return corner;
  }

  move(corner, to) {
    this.draft.polygon[[...this.corners.children].indexOf(corner)] = to;
    this.draw();
  }

  /** Keys act here and not on the page. */
  key(event) {
    event.stopPropagation();
    if (event.key === "Escape" && this.draft) { this.edit(null); this.fresh.focus(); return; }
    if (event.key === "Escape") { this.show(false); return; }
    if (!event.target.classList.contains("corner")) return;
    const at = [...this.corners.children].indexOf(event.target);
    const by = event.shiftKey ? .05 : .01;
    const step = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[event.key];
    if (step) {
      event.preventDefault();
      const [x, y] = this.draft.polygon[at];
      this.move(event.target, [share(x + step[0]), share(y + step[1])]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.draft.polygon.splice(at, 1);
      this.draw();
      (this.corners.children[Math.min(at, this.draft.polygon.length - 1)] || this.name).focus();
    }
  }

  save() {
    const { was, name, polygon, regions } = this.draft;
    if (polygon.length < 3) {
      this.problem.textContent = "A zone needs at least 3 corners; this one has " + polygon.length + ".";
      return;
    }
    this.store((zones) => {
      if (name !== was && zones.some((zone) => zone.name === name)) throw new Error("There is a zone " + name + " already.");
      const saved = { name, polygon, regions };
      const at = zones.findIndex((zone) => zone.name === was);
      return at < 0 ? [...zones, saved] : zones.map((zone, place) => place === at ? saved : zone);
    });
  }

  remove(zone) {
    if (!confirm("Remove zone " + zone.name + "? Rules that name it measure nothing then.")) return;
    this.store((zones) => zones.filter((other) => other.name !== zone.name));
  }

  /** Changes the camera's zones as they are on the server now. */
  async store(changed) {
    this.problem.textContent = "Saving…";
    const buttons = [...this.root.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      const camera = (await json(registry))[this.layer.camera];
      if (!camera) throw new Error("There is no camera " + this.layer.camera + " any more.");
      const zones = changed(camera.camera.settings.zones || []);
      await send("PATCH", registry + "/" + encodeURIComponent(this.layer.camera), { zones });
      this.layer.zones = zones.map((zone) => ({ regions: [], ...zone }));
      this.problem.textContent = "";
      this.edit(null);
    } catch (error) {
      this.problem.textContent = error.message;
    }
    for (const button of buttons) button.disabled = false;
    (this.draft ? this.name : this.fresh).focus();
  }
}
