// The parts joined: fingers, keys and buttons on one side, the film and the timeline on the other.

const SPEEDS = [0.25, 0.5, 1];
const NEAR_ZOOM = 2.6;
const states = new WeakMap();

class Scrubber {
  constructor(root, scene, tell) {
    Object.assign(this, { root, scene, tell, shown: { skeleton: true, back: true, bowls: true, words: true } });
    this.find = (name) => root.querySelector(name);
    [this.stage, this.reel, this.canvas, this.track, this.line] = [".stage", ".reel", "canvas", ".track", ".line"].map(this.find);
    scene.onsets = new Map(scene.flags.filter((f) => f.kind === "onset").map((f) => [nearest(scene.t, f.t), f]));
    this.zoom = { z: 1, follows: false, x: 0, y: 0 };
    this.speed = 0.5;
    this.loops = null;
    this.index = nearest(scene.t, scene.start);
    this.reel.style.width = `${scene.wide}px`;
    this.reel.style.height = `${scene.high}px`;
    this.putPoster();
    this.film = new Film(this.find("video"), scene.t, (index, isReal) => this.draw(index, isReal));
    this.timeline = new Timeline(this.track, scene);
    this.strip = new Strip(this.find(".strip"), scene, (time) => this.flag(time));
    this.line.setAttribute("aria-valuemax", scene.t.at(-1));
    this.listen();
    this.resize();
    this.openFilm();
    const wish = window.twoBowlsWish;
    this.film.go(nearest(scene.t, wish?.id === scene.id ? wish.t : scene.start));
  }

  putPoster() {
    const { box, poster } = this.scene;
    const image = this.find(".poster");
    image.src = `data:image/jpeg;base64,${poster}`;
    image.style.cssText = `left:${box[0]}px;top:${box[1]}px;width:${box[2] - box[0]}px;height:${box[3] - box[1]}px`;
  }

  openFilm() {
    const url = FILMS.get(this.scene.id);
    this.stage.classList.toggle("waits", !url);
    if (!url) return;
    this.film.open(url);
    this.strip.open(url);
  }

  resize() {
    const [x0, y0, x1, y1] = this.scene.box;
    const wide = this.root.clientWidth;
    if (!wide) return;
    // On a wide screen the timeline has to stay in sight; on a phone the film is as wide as it can be.
    const most = wide > 420 ? Math.max(window.innerHeight * 0.8, 420) : Infinity;
    this.stage.style.height = `${Math.min((wide * (y1 - y0)) / (x1 - x0), most)}px`;
    this.timeline.draw();
    this.draw(this.index);
    this.strip.show(this.rep());
  }

  /* Where the film lies on the stage: k screen pixels for one of the film. */
  view() {
    const { scene, zoom } = this;
    const [x0, y0, x1, y1] = scene.box;
    const [wide, high] = [this.stage.clientWidth, this.stage.clientHeight];
    const k = Math.min(wide / (x1 - x0), high / (y1 - y0)) * zoom.z;
    if (zoom.z > 1 && zoom.follows) [zoom.x, zoom.y] = this.lowerBack() ?? [zoom.x, zoom.y];
    const centre = zoom.z > 1 ? [zoom.x, zoom.y] : [(x0 + x1) / 2, (y0 + y1) / 2];
    return { k, x: wide / 2 - centre[0] * k, y: high / 2 - centre[1] * k };
  }

  lowerBack() {
    const { scene } = this;
    const half = scene.outline.length / 2;
    const seen = [];
    for (let i = Math.max(0, this.index - 3); i <= Math.min(scene.t.length - 1, this.index + 3); i += 1) {
      for (let k = Math.floor(half / 2); k < half; k += 3) {
        const point = [scene.outline[2 * k][i], scene.outline[2 * k + 1][i]];
        if (!Number.isNaN(point[0] + point[1])) seen.push(point);
      }
    }
    if (!seen.length) return null;
    return [0, 1].map((axis) => seen.reduce((sum, point) => sum + point[axis], 0) / seen.length);
  }

  draw(index, isReal = false) {
    this.index = index;
    const { scene } = this;
    const view = this.view();
    this.reel.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.k})`;
    overlay(cleared(this.canvas), scene, index, view, this.shown);
    this.timeline.point(scene.t[index]);
    const poster = this.find(".poster");
    poster.hidden = isReal || this.hasShown;
    this.hasShown ||= isReal;
    poster.classList.toggle("stale", index !== nearest(scene.t, scene.start));
    this.find(".hint").hidden = this.hasShown;
    this.write(index);
    window.dispatchEvent(new CustomEvent("two-bowls-shown", { detail: { id: scene.id, t: scene.t[index] } }));
    this.root.dataset.index = index;
    this.root.dataset.time = scene.t[index];
  }

  write(index) {
    const { when, deep, back } = told(this.scene, index);
    const box = this.find(".told");
    box.hidden = !this.shown.words;
    const [first, second, third] = box.children;
    [first.textContent, second.textContent, third.textContent] = [when, deep, back];
    third.classList.toggle("tucked", this.scene.tucked[index]);
    const text = [when, deep, back].filter(Boolean).join(", ");
    this.line.setAttribute("aria-valuenow", this.scene.t[index]);
    this.line.setAttribute("aria-valuetext", text);
    this.canvas.setAttribute("aria-label", `Picture at ${text}`);
    this.said = text;
  }

  go(index) {
    this.pause();
    this.film.go(index);
  }

  goTime(time) {
    this.go(nearest(this.scene.t, time));
  }

  /* Python hears of the moment once, when the finger has let go. */
  settle(wait = 0) {
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      this.find(".unseen").textContent = this.said;
      this.strip.show(this.rep(this.scene.t[this.film.index]));
      this.tell(this.scene.t[this.film.index]);
    }, wait);
  }

  rep(time = this.scene.t[this.index]) {
    const { reps } = this.scene;
    return reps.find((r) => time >= r.start - 0.02 && time <= r.end + 0.02)
      ?? reps.find((r) => r.end > time) ?? reps.at(-1) ?? null;
  }

  play() {
    const { video } = this.film;
    if (!this.film.isThere) return;
    if (!video.paused) {
      this.pause();
      this.settle();
      return;
    }
    const last = this.loops ? this.loops.end : this.scene.t.at(-1);
    if (video.currentTime >= last - 0.05) video.currentTime = this.loops ? this.loops.start : 0;
    video.playbackRate = this.speed;
    video.play().then(() => this.watch(), () => this.pause());
    this.root.classList.add("plays");
    this.find("[data-do=play]").setAttribute("aria-label", "Pause");
  }

  watch() {
    const { video } = this.film;
    if (video.paused) {
      if (video.ended) {
        this.pause();
        this.settle();
      }
      return;
    }
    if (this.loops && video.currentTime >= this.loops.end) video.currentTime = this.loops.start;
    requestAnimationFrame(() => this.watch());
  }

  pause() {
    this.film.video.pause();
    this.root.classList.remove("plays");
    this.find("[data-do=play]").setAttribute("aria-label", "Play");
  }

  listen() {
    this.root.onclick = (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.show) this.toggle(button);
      else if (button.dataset.t) this.flag(Number(button.dataset.t));
      else ACTIONS[button.dataset.do]?.(this, button);
    };
    this.line.onkeydown = (event) => {
      const act = KEYS[event.key];
      if (!act || event.target !== this.line) return;
      event.preventDefault();
      act(this);
    };
    watchLine(this);
    watchStage(this);
    this.size = new ResizeObserver(() => this.resize());
    this.size.observe(this.root);
    this.onMove = ({ detail }) => {
      if (detail.id !== this.scene.id) return;
      this.goTime(detail.t);
      this.strip.show(this.rep(detail.t));
    };
    this.onFilm = () => this.openFilm();
    window.addEventListener("two-bowls-move", this.onMove);
    window.addEventListener("two-bowls-film", this.onFilm);
  }

  toggle(button) {
    const name = button.dataset.show;
    this.shown[name] = !this.shown[name];
    button.setAttribute("aria-pressed", this.shown[name]);
    this.draw(this.index);
  }

  flag(time) {
    this.goTime(time);
    this.settle();
  }

  setZoom(z, x, y, follows) {
    this.zoom = { z: Math.min(Math.max(z, 1), 6), x, y, follows };
    this.stage.classList.toggle("near", this.zoom.z > 1);
    this.find("[data-do=zoom]").setAttribute("aria-pressed", this.zoom.z > 1);
    this.draw(this.index);
  }

  close() {
    clearTimeout(this.later);
    this.size.disconnect();
    this.film.close();
    this.strip.close();
    window.removeEventListener("two-bowls-move", this.onMove);
    window.removeEventListener("two-bowls-film", this.onFilm);
  }
}

const step = (count) => (s) => {
  s.go(s.film.index + count);
  s.settle(350);
};

function nextFlag(s, way = 1) {
  const now = s.scene.t[s.film.index];
  const times = s.scene.flags.filter((f) => f.snaps).map((f) => s.scene.t[nearest(s.scene.t, f.t)]).sort((a, b) => a - b);
  if (!times.length) return;
  const next = way > 0 ? times.find((t) => t > now + 1e-4) : times.findLast((t) => t < now - 1e-4);
  s.flag(next ?? (way > 0 ? times[0] : times.at(-1)));
}

const ACTIONS = {
  back: step(-1),
  on: step(1),
  play: (s) => s.play(),
  flag: (s) => nextFlag(s),
  speed: (s, button) => {
    s.speed = SPEEDS[(SPEEDS.indexOf(s.speed) + 1) % SPEEDS.length];
    s.film.video.playbackRate = s.speed;
    button.textContent = `${s.speed}×`;
    button.setAttribute("aria-label", `Speed ${s.speed}`);
  },
  loop: (s, button) => {
    s.loops = s.loops ? null : s.rep();
    button.setAttribute("aria-pressed", s.loops !== null);
    if (s.loops && s.film.video.paused) s.play();
  },
  all: (s, button) => {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
    s.strip.show(s.rep());
  },
  zoom: (s) => s.setZoom(s.zoom.z > 1 ? 1 : NEAR_ZOOM, 0, 0, true),
  range: (s, button) => {
    s.isNarrow = !s.isNarrow;
    button.setAttribute("aria-pressed", s.isNarrow);
    const rep = s.rep();
    if (s.isNarrow && rep) s.timeline.show(Math.max(rep.start - 0.2, s.scene.t[0]), Math.min(rep.end + 0.2, s.scene.t.at(-1)));
    else s.timeline.whole();
  },
};

const KEYS = {
  ArrowLeft: step(-1), ArrowDown: step(-1), ArrowRight: step(1), ArrowUp: step(1),
  PageDown: step(-10), PageUp: step(10), Home: step(-1e6), End: step(1e6),
  n: (s) => nextFlag(s), p: (s) => nextFlag(s, -1), " ": (s) => s.play(),
};

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".scrubber");
  const state = states.get(parentElement) ?? { count: 0 };
  states.set(parentElement, state);
  // Counted, so that the same moment told twice is news each time.
  state.tell = (t) => setStateValue("seen", { t, n: (state.count += 1) });
  if (isPacked(data) && !canUnpack()) {
    // iPhones before iOS 16.4: Python sends it once more as it is.
    if (!state.hasAsked) setStateValue("plain", true);
    state.hasAsked = true;
  } else if (state.data !== data) {
    state.data = data;
    unpack(data).then((scene) => {
      if (state.data !== data || state.scrubber?.scene.id === scene.id) return;
      state.scrubber?.close();
      state.scrubber = new Scrubber(root, scene, (t) => state.tell(t));
    });
  } else state.scrubber?.resize();
  return () => {
    state.scrubber?.close();
    states.delete(parentElement);
  };
}
