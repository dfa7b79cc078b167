// The film itself: a <video> that is asked for one moment at a time.

const FILMS = (window.twoBowlsFilms ??= new Map());

const isPacked = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;
const canUnpack = () => "DecompressionStream" in window;

/* Unpack what Python sent: JSON, gzipped if need be, whose points are kept as steps over time. */
async function unpack(bytes) {
  const stream = new Blob([bytes]).stream();
  const plain = isPacked(bytes) ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  const scene = await new Response(plain).json();
  for (const name of ["joints", "outline"]) {
    const points = scene[name].map((column) => {
      let sum = 0;
      return column.map((step) => {
        sum += step;
        return sum === scene.missing ? NaN : sum;
      });
    });
    scene[name] = points;
  }
  return scene;
}

/* Index of the analysed frame nearest to a time. */
function nearest(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle;
  }
  return time - times[low] <= times[high] - time ? low : high;
}

/* One seek at a time; while one runs only the newest wish is kept. */
class Film {
  constructor(video, times, onFrame) {
    this.video = video;
    this.times = times;
    this.onFrame = onFrame;
    this.index = 0;
    this.wish = null;
    this.url = "";
    video.onseeked = () => this.arrived();
    // A seek brings the first picture on phones that load no more than the head by themselves.
    video.onloadedmetadata = () => this.go(this.index);
    video.onerror = () => (this.url = "");
    this.follow();
  }

  get isThere() {
    return this.url !== "" && this.video.readyState >= 1;
  }

  open(url) {
    if (!url || url === this.url) return;
    this.url = url;
    this.video.src = url;
    this.video.load();
  }

  /* A moment inside of the frame, since its very start may round to the one before. */
  inside(index) {
    const { times } = this;
    const next = index + 1 < times.length ? times[index + 1] : times[index] + 0.02;
    return times[index] + 0.4 * (next - times[index]);
  }

  go(index) {
    this.index = Math.min(Math.max(index, 0), this.times.length - 1);
    if (!this.isThere) {
      this.onFrame(this.index);
      return;
    }
    if (this.wish !== null) {
      this.wish = this.index;
      return;
    }
    this.wish = this.index;
    this.video.currentTime = this.inside(this.index);
  }

  arrived() {
    const got = nearest(this.times, this.video.currentTime - 0.005);
    const wish = this.wish;
    this.wish = null;
    if (wish === null) return;
    this.onFrame(got, true);
    if (wish !== got && Math.abs(this.inside(wish) - this.video.currentTime) > 0.004) this.go(wish);
  }

  /* While it plays, draw for the picture that is really on the screen. */
  follow() {
    const { video } = this;
    if (!video.requestVideoFrameCallback) {
      video.ontimeupdate = () => video.paused || this.played(video.currentTime);
      return;
    }
    const tick = (_, about) => {
      if (!video.paused) this.played(about.mediaTime);
      this.waiting = video.requestVideoFrameCallback(tick);
    };
    this.waiting = video.requestVideoFrameCallback(tick);
  }

  played(time) {
    this.index = nearest(this.times, time + 0.002);
    this.onFrame(this.index, true);
  }

  close() {
    this.video.pause();
    if (this.waiting) this.video.cancelVideoFrameCallback?.(this.waiting);
    this.video.removeAttribute("src");
    this.video.load();
  }
}
