"use strict";

/** Seconds that a chart shows. */
const CHART_SECONDS = 300;

/** Room for the axes of a tall chart, pixels. */
const AXES = { left: 42, bottom: 18, top: 6, right: 6 };

/** Area of each class over the last minutes, stacked; a tall one has axes. Pointer and keys read it. */
class AreaChart {
  constructor(name) {
    this.seconds = [];
    this.root = make("div", "chart");
    this.canvas = make("canvas", "areas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", name);
    this.tip = make("p", "tip");
    this.tip.setAttribute("role", "status");
    this.tip.hidden = true;
    this.root.append(this.canvas, this.tip);
    this.canvas.addEventListener("pointermove", (event) => this.point(event.offsetX));
    this.canvas.addEventListener("pointerleave", () => this.read(null));
    this.canvas.addEventListener("blur", () => this.read(null));
    this.canvas.addEventListener("keydown", (event) => this.step(event));
  }

  /** Takes shares by second; the table names their classes. */
  update(seconds, table) {
    this.seconds = seconds;
    this.table = table;
    this.draw();
  }

  area() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return single()
      ? { left: AXES.left, top: AXES.top, width: width - AXES.left - AXES.right, height: height - AXES.top - AXES.bottom }
      : { left: 0, top: 0, width, height };
  }

  /** Where a second is, pixels from the left. */
  at(time, area) {
    const end = this.seconds[this.seconds.length - 1].time + 1;
    return area.left + area.width * (1 - (end - time) / CHART_SECONDS);
  }

  draw() {
    const scale = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.canvas.tabIndex = single() ? 0 : -1;
    if (!width || !this.seconds.length) return;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    const area = this.area();
    for (const second of this.seconds) this.column(context, area, second);
    if (single()) this.axes(context, area);
    if (this.cursor) this.line(context, area);
  }

  column(context, area, second) {
    const left = this.at(second.time, area);
    if (left < area.left) return;
    let top = 0;
    second.shares.forEach((share, k) => {
      const entry = this.table[k]; // none where the classes have changed since
      context.fillStyle = !entry || hidden.has(entry.name) ? "transparent" : entry.color;
      context.fillRect(left, area.top + top * area.height, area.width / CHART_SECONDS + .5, share * area.height + .5);
      top += share;
    });
  }

  /** Shares from the top as they are stacked; full minutes below. */
  axes(context, area) {
    context.fillStyle = context.strokeStyle = getComputedStyle(this.canvas).color;
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "right";
    for (const percent of [0, 25, 50, 75, 100]) {
      const y = area.top + area.height * percent / 100;
      context.strokeRect(area.left - 4, y, 4, 0);
      context.fillText(percent + " %", area.left - 6, y + 4);
    }
    context.textAlign = "center";
    const end = this.seconds[this.seconds.length - 1].time;
    for (let time = Math.ceil((end - CHART_SECONDS + 1) / 60) * 60; time <= end; time += 60) {
      const x = this.at(time, area);
      context.strokeRect(x, area.top + area.height, 0, 4);
      context.fillText(minute(time * 1000), Math.max(x, area.left + 14), area.top + area.height + 15);
    }
  }

  line(context, area) {
    context.fillStyle = getComputedStyle(this.root).color;
    context.fillRect(this.at(this.cursor, area), area.top, 1, area.height);
  }

  point(x) {
    if (!this.seconds.length) return;
    const area = this.area();
    const near = (second) => Math.abs(this.at(second.time + .5, area) - x);
    this.read(this.seconds.reduce((best, second) => near(second) < near(best) ? second : best));
  }

  step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !this.seconds.length) return;
    event.preventDefault();
    event.stopPropagation();
    const last = this.seconds.length - 1;
    const now = this.seconds.findIndex((second) => second.time === this.cursor);
    this.read(this.seconds[now < 0 ? last : Math.max(0, Math.min(last, now + by))]);
  }

  /** Says what a second was like; none takes that away. */
  read(second) {
    this.cursor = second && second.time;
    this.tip.hidden = !second;
    if (second) {
      const shares = second.shares.slice(0, this.table.length).map((share, k) => [this.table[k].name, share]);
      shares.sort((a, b) => b[1] - a[1]);
      this.tip.textContent = clock(second.time * 1000) + "  " + shares.filter(([, share]) => share >= .001)
        .map(([name, share]) => name + " " + (100 * share).toFixed(1) + " %").join(", ");
    }
    this.draw();
  }
}
