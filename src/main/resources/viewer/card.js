"use strict";

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

/** From this age on a picture says how far it is behind, seconds. */
const BEHIND = 1;

/** A frame rate in words. */
function pace(fps) {
  return fps > 0 && fps < 0.5 ? "a frame every " + duration(1000 / fps) : fps.toFixed(1) + " fps";
}

/** One camera on the page. */
class Card {
  constructor(view) {
    const camera = view.camera;
    this.camera = camera;
    this.view = view;
    this.shown = "";
    this.busy = false;
    this.root = make("article");
    this.root.dataset.camera = camera;
    this.canvas = make("canvas", "picture");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Masked picture of " + camera);
    this.canvas.addEventListener("click", () => { location.hash = "#" + encodeURIComponent(camera); });
    this.frame = make("div", "frame");
    this.behind = make("span", "behind");
    this.time = make("time", "clock");
    this.frame.append(this.canvas, this.behind, this.time);
    this.zones = new ZoneLayer(camera, this.frame);
    this.editor = new ZoneEditor(this.zones, this.frame, () => this.table || []);
    const text = make("div", "text");
    const title = make("h2");
    const link = make("a", "", camera);
    link.href = "#" + encodeURIComponent(camera);
    this.fps = make("span", "fps");
    title.append(link, this.fps);
    this.status = make("p", "status");
    this.status.setAttribute("role", "status");
    this.figures = make("dl", "figures");
    this.areas = new AreaChart("Area of each class over the last minutes");
    this.timeline = new Timeline(camera);
    this.shares = make("table", "shares");
    text.append(title, this.status, this.figures, this.editor.root, this.areas.root, this.timeline.root, this.shares);
    this.root.append(this.frame, text);
    // In the order of their names, whichever camera came first.
    const next = [...element("wall").children].find((other) => other.dataset.camera > camera);
    element("wall").insertBefore(this.root, next || null);
  }

  /** Takes the newest figures, and the picture unless the one before is still on its way. */
  async update(view) {
    this.view = view;
    this.viewedAt = Date.now();
    this.report();
    await this.takeZones();
    if (!view.id) return;
    this.table = await classes(view.classTable);
    this.describe();
    if (view.id === this.shown || this.busy || this.root.hidden) return;
    this.busy = true;
    const capturedAt = this.viewedAt - 1000 * view.age;
    try {
      const path = "/api/cameras/" + encodeURIComponent(this.camera);
      const parts = [bitmap(path + "/mask?" + view.id)];
      if (!settings.privacy) parts.push(bitmap(path + "/picture?" + view.id));
      const [mask, picture] = await Promise.all(parts);
      this.take(mask, picture);
      this.shown = view.id;
      this.capturedAt = capturedAt;
      this.time.textContent = clock(view.captureMillis);
      this.time.dateTime = new Date(view.captureMillis).toISOString();
      this.tick();
      this.root.dataset.frame = view.id;
    } finally {
      this.busy = false;
    }
  }

  async takeZones() {
    const before = this.zones.version;
    await this.zones.update(this.view.zones);
    if (before !== this.zones.version) this.editor.fill();
  }

  /** What grows older without news: how far the picture is behind, and since when there is none. */
  tick() {
    const seconds = (Date.now() - this.capturedAt) / 1000;
    const over = ["finished", "paused"].includes(this.view.state);
    this.behind.hidden = !this.shown || over || !(seconds >= BEHIND);
    this.behind.textContent = "behind by " + (seconds < 60 ? seconds.toFixed(1) + " s" : duration(1000 * seconds));
    this.behind.classList.toggle("late", seconds > this.view.silentAfter);
  }

  take(mask, picture) {
    const ids = new OffscreenCanvas(mask.width, mask.height).getContext("2d", { willReadFrequently: true });
    ids.drawImage(mask, 0, 0);
    this.ids = ids.getImageData(0, 0, mask.width, mask.height);
    mask.close();
    this.picture?.close();
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
      this.root.style.setProperty("--aspect", target.width / target.height);
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
    const wrong = view.conditions.length ? "picture: " + view.conditions.join(", ") : "";
    const refused = view.state === "refused" ? "not read: " : "";
    const unseen = unmasked(view);
    this.status.textContent = unseen ? "The camera delivers; no worker has segmented a frame of it yet."
      : plain ? wrong : refused + (view.reason || view.state) + next;
    this.status.classList.toggle("late", unseen || silent(view));
    this.frame.hidden = this.areas.root.hidden = !view.id;
    this.editor.root.hidden = !operator || !single() || !view.id;
    this.fps.textContent = ["finished", "paused"].includes(view.state) ? view.state : unseen ? "no mask yet" : !view.id ? "no frame yet"
      : silent(view) ? "last frame " + duration(1000 * view.age) + " ago" : pace(view.fps);
    this.fps.classList.toggle("late", unseen || silent(view));
  }

  describe() {
    const view = this.view;
    const figures = [
      ["latency", view.latencyMillis.toFixed(0) + " ms"],
      ["dropped", view.drops],
      ["memory", view.framesSinceReset + (view.framesSinceReset === 1 ? " frame" : " frames")],
      ["agreement", (100 * view.agreement).toFixed(0) + " %"],
      ["resets", view.resets + (view.lastReset ? " (" + view.lastReset + ")" : "")],
    ];
    if (view.propagated > 0) figures.push(["propagated", (100 * view.propagated).toFixed(0) + " %"]);
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

  /** Figures over the last minutes. */
  async history() {
    if (this.root.hidden) return;
    this.timeline.draw();
    if (!this.table) return;
    this.areas.update(await json("/api/cameras/" + encodeURIComponent(this.camera) + "/history"), this.table);
  }
}
