// The moments of a rep side by side, taken from the film in the browser; a tap goes there.

const ALL = { skeleton: true, back: true, bowls: true, words: false };

class Strip {
  constructor(root, scene, go) {
    this.root = root;
    this.scene = scene;
    this.go = go;
    this.places = [0, 1, 2, 3].filter((place) => scene.reps.some((rep) => rep.moments.some((m) => m.place === place)));
    root.style.setProperty("--moments", this.places.length);
    this.rows = scene.reps.map((rep) => this.row(rep));
    root.querySelector(".rows").replaceChildren(...this.rows.map((row) => row.section));
    root.hidden = !this.rows.some((row) => row.tiles.length);
    this.all = root.querySelector("[data-do=all]");
    this.all.hidden = scene.reps.length < 2;
    this.video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
    this.queue = [];
    this.wasMany = false;
  }

  row(rep) {
    const section = document.createElement("section");
    const title = document.createElement("h3");
    title.textContent = `${rep.name}, moment by moment`;
    const list = document.createElement("div");
    list.className = "tiles";
    const tiles = rep.moments.map((moment) => this.tile(rep, moment));
    list.append(...tiles.map((tile) => tile.button));
    section.append(title, list);
    return { rep, section, tiles };
  }

  tile(rep, moment) {
    const index = nearest(this.scene.t, moment.t);
    const { when, deep } = told(this.scene, index);
    const [button, canvas] = ["button", "canvas"].map((kind) => document.createElement(kind));
    button.type = "button";
    button.className = moment.flag ? "tile flag" : "tile";
    button.setAttribute("aria-label", `${moment.name}, ${when}, ${deep}: show in the film`);
    const [x0, y0, x1, y1] = this.scene.box;
    // Seen where all reps stand under each other: a moment that one lacks leaves its place free.
    button.style.gridColumn = this.places.indexOf(moment.place) + 1;
    canvas.style.aspectRatio = `${x1 - x0} / ${y1 - y0}`;
    canvas.setAttribute("aria-hidden", "true");
    button.append(canvas, ...[["b", moment.name], ["span", when], ["span", deep]].map(([kind, text]) =>
      Object.assign(document.createElement(kind), { textContent: text })));
    button.onclick = () => this.go(moment.t);
    return { button, canvas, index, state: "empty" };
  }

  /* Show the rep that the film is in, or all of them. */
  show(rep) {
    const isAll = this.all.getAttribute("aria-pressed") === "true";
    // All reps stand under each other, moment under moment: what changes over the set shows.
    if (this.root.classList.toggle("many", isAll) !== this.wasMany) {
      for (const tile of this.rows.flatMap((row) => row.tiles)) tile.state = "empty";
      this.wasMany = isAll;
    }
    for (const row of this.rows) row.section.hidden = !isAll && row.rep !== rep;
    this.fill();
  }

  open(url) {
    if (!url || this.url === url) return;
    this.url = url;
    this.video.src = url;
    this.video.onloadedmetadata = () => this.fill();
    this.video.load();
  }

  /* Draw the tiles in sight that are not drawn yet: at once without the film, then with it. */
  fill() {
    const seen = this.rows.filter((row) => !row.section.hidden).flatMap((row) => row.tiles);
    for (const tile of seen) if (tile.state === "empty") this.draw(tile, null);
    if (this.video.readyState < 1 || this.isBusy) return;
    this.queue = seen.filter((tile) => tile.state !== "done");
    this.next();
  }

  next() {
    const tile = this.queue.shift();
    this.isBusy = tile !== undefined;
    if (!tile) return;
    this.video.onseeked = () => {
      this.draw(tile, this.video);
      if (this.queue.length) this.next();
      else {
        this.isBusy = false;
        this.fill();
      }
    };
    this.video.currentTime = this.inside(tile.index);
  }

  inside(index) {
    const { t } = this.scene;
    return t[index] + 0.4 * ((t[index + 1] ?? t[index] + 0.05) - t[index]);
  }

  draw(tile, video) {
    const { scene } = this;
    const [x0, y0, x1] = scene.box;
    const ink = cleared(tile.canvas);
    const k = tile.canvas.clientWidth / (x1 - x0);
    if (!k) return;
    const view = { k, x: -x0 * k, y: -y0 * k };
    if (video) ink.drawImage(video, view.x, view.y, scene.wide * k, scene.high * k);
    overlay(ink, scene, tile.index, view, ALL, 0.55);
    tile.state = video ? "done" : "sketch";
  }

  close() {
    this.video.onseeked = this.video.onloadedmetadata = null;
    this.video.removeAttribute("src");
    this.video.load();
  }
}
