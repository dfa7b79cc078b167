// Fingers: dragging the timeline, and dragging, double-tapping and pinching the picture.

const TAP_MS = 320;
const STILL_PX = 9;

function watchLine(s) {
  const { track } = s;
  let start = null;
  const move = (event, reach) => s.goTime(s.timeline.timeAt(event.clientX, reach));
  const isOnFlags = (event) => event.clientY - track.getBoundingClientRect().top < PLOT.top;
  track.onpointerdown = (event) => {
    if (event.button > 0) return;
    start = { x: event.clientX, moved: false };
    track.setPointerCapture(event.pointerId);
    s.pause();
  };
  track.onpointermove = (event) => {
    if (!start) return;
    start.moved ||= Math.abs(event.clientX - start.x) > 4;
    if (start.moved) move(event, SNAP_PX);
  };
  track.onpointerup = (event) => {
    if (!start) return;
    move(event, !start.moved && isOnFlags(event) ? TAP_PX : SNAP_PX);
    start = null;
    s.settle();
  };
  // The browser has taken the finger to scroll the page: what was seen stays.
  track.onpointercancel = () => {
    if (start?.moved) s.settle();
    start = null;
  };
}

function watchStage(s) {
  const { stage } = s;
  const fingers = new Map();
  let drag = null;
  let lastTap = { at: 0, x: 0, y: 0 };
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const begin = () => {
    const points = [...fingers.values()];
    drag = { points, view: s.view(), z: s.zoom.z, index: s.film.index, moved: false };
  };
  stage.onpointerdown = (event) => {
    if (event.button > 0) return;
    fingers.set(event.pointerId, place(event));
    stage.setPointerCapture(event.pointerId);
    begin();
  };
  stage.onpointermove = (event) => {
    if (!drag || !fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, place(event));
    const now = [...fingers.values()];
    if (now.length === 2 && drag.points.length === 2) pinch(s, drag, now);
    else if (now.length === 1) slide(s, drag, now[0]);
  };
  const end = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    const was = drag;
    if (fingers.size) {
      begin();
      drag.moved = true;
      return;
    }
    drag = null;
    if (was?.moved) {
      if (was.index !== s.film.index) s.settle();
    } else if (event.type === "pointerup") lastTap = tapped(s, place(event), lastTap);
  };
  stage.onpointerup = stage.onpointercancel = end;
}

/* One finger: through the film, or over the picture when it is near. */
function slide(s, drag, [x, y]) {
  const [x0, y0] = drag.points[0];
  if (!drag.moved && Math.hypot(x - x0, y - y0) < STILL_PX) return;
  drag.moved = true;
  const wide = s.stage.clientWidth;
  if (drag.z > 1) {
    const { k, x: left, y: top } = drag.view;
    s.setZoom(drag.z, (wide / 2 - left - (x - x0)) / k, (s.stage.clientHeight / 2 - top - (y - y0)) / k, false);
    return;
  }
  const { from, to } = s.timeline;
  s.goTime(s.scene.t[drag.index] + ((x - x0) / wide) * (to - from));
}

/* Two fingers: the point between them stays under them. */
function pinch(s, drag, now) {
  drag.moved = true;
  const apart = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const z = drag.z * (apart(now) / Math.max(apart(drag.points), 1));
  const k = (drag.view.k / drag.z) * Math.min(Math.max(z, 1), 6);
  const [was, is] = [middle(drag.points), middle(now)];
  const held = [(was[0] - drag.view.x) / drag.view.k, (was[1] - drag.view.y) / drag.view.k];
  const centre = [s.stage.clientWidth / 2, s.stage.clientHeight / 2];
  s.setZoom(z, held[0] + (centre[0] - is[0]) / k, held[1] + (centre[1] - is[1]) / k, false);
}

/* Two taps at one place: near to the lower back, or away again. */
function tapped(s, [x, y], last) {
  const at = performance.now();
  const isSecond = at - last.at < TAP_MS && Math.hypot(x - last.x, y - last.y) < 40;
  if (!isSecond) return { at, x, y };
  s.setZoom(s.zoom.z > 1 ? 1 : NEAR_ZOOM, 0, 0, true);
  return { at: 0, x, y };
}
