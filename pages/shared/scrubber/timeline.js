// The timeline: the curve of the lower back, the reps, parallel, and the flags that snap.

const SNAP_PX = 7;
const TAP_PX = 22;
// Flags nearer than a finger can tell apart are left out, the least telling first.
const APART_PX = 20;
const WORTH = ["onset", "bottom", "release"];
const PLOT = { top: 36, bottom: 88, zero: 0 };

function svg(name, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return node;
}

class Timeline {
  constructor(root, scene) {
    this.root = root;
    this.scene = scene;
    this.seen = [];
    this.svg = root.querySelector(".curve");
    this.head = root.querySelector(".head");
    this.flags = root.querySelector(".flags");
    this.whole();
  }

  whole() {
    this.show(this.scene.t[0], this.scene.t.at(-1));
  }

  show(from, to) {
    this.from = from;
    this.to = Math.max(to, from + 0.1);
    this.draw();
  }

  x(time) {
    return ((time - this.from) / (this.to - this.from)) * (this.wide - 16) + 8;
  }

  time(x) {
    return this.from + ((x - 8) / (this.wide - 16)) * (this.to - this.from);
  }

  y(value) {
    const share = (value - this.low) / (this.high - this.low);
    return PLOT.bottom - share * (PLOT.bottom - PLOT.top);
  }

  /* The flags there is room for; in a long set those of one kind, until it is stretched. */
  roomy() {
    const within = this.scene.flags.filter((f) => f.snaps && f.t >= this.from - 1e-6 && f.t <= this.to + 1e-6);
    const placed = [];
    for (const kind of WORTH) {
      for (const flag of within.filter((f) => f.kind === kind)) {
        if (placed.every((other) => Math.abs(this.x(other.t) - this.x(flag.t)) >= APART_PX)) placed.push(flag);
      }
    }
    return placed.sort((a, b) => a.t - b.t);
  }

  /* Flag that a finger means: near on a tap, very near while it is dragged. */
  flagAt(x, reach) {
    const far = (flag) => Math.abs(this.x(flag.t) - x);
    const best = [...this.seen].sort((a, b) => far(a) - far(b))[0];
    return best && far(best) <= reach ? best : null;
  }

  timeAt(clientX, reach) {
    const x = clientX - this.root.getBoundingClientRect().left;
    return this.flagAt(x, reach)?.t ?? this.time(Math.min(Math.max(x, 8), this.wide - 8));
  }

  draw() {
    this.wide = this.root.clientWidth;
    if (!this.wide) return;
    const { scene } = this;
    const known = scene.lumbar.filter((value) => value !== null);
    this.low = Math.min(-6, ...known);
    this.high = Math.max(16, ...known);
    this.svg.setAttribute("viewBox", `0 0 ${this.wide} 104`);
    this.svg.replaceChildren(
      ...this.reps(),
      svg("path", { d: this.area(), fill: "var(--curve)", opacity: 0.22 }),
      svg("line", {
        x1: 0, x2: this.wide, y1: this.y(0), y2: this.y(0),
        stroke: "var(--ink)", "stroke-dasharray": "4 4", opacity: 0.5,
      }),
      svg("path", { d: this.path(), fill: "none", stroke: "var(--curve)", "stroke-width": 2.5 }),
      ...this.marks(),
    );
    this.putFlags();
    this.point(this.now ?? this.from);
  }

  reps() {
    return this.scene.reps.flatMap((rep, k) => {
      const [from, to] = [this.x(rep.start), this.x(rep.end)];
      return [
        svg("rect", { x: from, y: 0, width: Math.max(to - from, 1), height: 104, fill: "var(--ink)", opacity: k % 2 ? 0.04 : 0.09 }),
        svg("text", { x: from + 4, y: 100, "font-size": 11, fill: "var(--ink)" }, to - from > 44 ? rep.name : `${rep.number}`),
      ];
    });
  }

  path() {
    let isDown = false;
    return this.scene.lumbar.map((value, k) => {
      const step = value === null ? "" : `${isDown ? "L" : "M"}${this.x(this.scene.t[k]).toFixed(1)} ${this.y(value).toFixed(1)}`;
      isDown = value !== null;
      return step;
    }).join("");
  }

  area() {
    const { t, lumbar, band } = this.scene;
    const keep = (value) => Math.min(Math.max(this.y(value), PLOT.top - 4), PLOT.bottom + 4).toFixed(1);
    const runs = [[]];
    t.forEach((time, k) => {
      if (lumbar[k] === null || band[k] === null) runs.push([]);
      else runs.at(-1).push([this.x(time).toFixed(1), keep(lumbar[k] + band[k]), keep(lumbar[k] - band[k])]);
    });
    return runs.filter((run) => run.length > 1).map((run) =>
      `M${run.map(([x, up]) => `${x} ${up}`).join("L")}L${[...run].reverse().map(([x, , down]) => `${x} ${down}`).join("L")}Z`).join("");
  }

  marks() {
    const marks = this.scene.flags.filter((f) => f.kind === "parallel" && f.t >= this.from && f.t <= this.to);
    // In a long set they would be a fence; stretched to one rep they come back.
    if (marks.length * APART_PX > this.wide) return [];
    return marks.map((flag) => {
      const x = this.x(flag.t);
      return svg("path", { d: `M${x - 4} 84v10M${x} 84v10`, stroke: "var(--ink)", "stroke-width": 1.5, opacity: 0.7 });
    });
  }

  putFlags() {
    this.seen = this.roomy();
    this.flags.replaceChildren(...this.seen.map((flag) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.t = flag.t;
      button.dataset.kind = flag.kind;
      button.setAttribute("aria-label", `${flag.label}, ${flag.t.toFixed(2)} s`);
      button.style.left = `${this.x(flag.t)}px`;
      const sign = svg("svg", { viewBox: "0 0 18 26", "aria-hidden": "true" });
      const isOnset = flag.kind === "onset";
      // The strong colour is for the wink: an arch that goes is none.
      const colour = flag.wink ? "var(--wink)" : "var(--curve)";
      const isBottom = flag.kind === "bottom";
      sign.append(isBottom
        ? svg("path", { d: "M9 22 4 12h10z", fill: "var(--ink)" })
        : svg("path", {
          d: isOnset ? "M4 2v22M4 2h12l-4 5 4 5H4z" : "M14 2v22M14 2H2l4 5-4 5h12z",
          fill: isOnset ? colour : "none", stroke: colour, "stroke-width": 2,
        }));
      button.append(sign);
      return button;
    }));
  }

  point(time) {
    this.now = time;
    this.head.style.transform = `translateX(${this.x(time)}px)`;
  }
}
