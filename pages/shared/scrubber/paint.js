// What is drawn over the film: skeleton, back and the two bowls, as on the pictures of analysis/draw.py.

const NEAR = [
  ["ear", "shoulder"], ["shoulder", "elbow"], ["elbow", "wrist"], ["shoulder", "hip"],
  ["hip", "knee"], ["knee", "ankle"], ["ankle", "heel"], ["heel", "toe"], ["ankle", "toe"],
];
const FAR = [["far_hip", "far_knee"], ["far_knee", "far_ankle"], ["far_ankle", "far_toe"]];
const DOTS = ["shoulder", "hip", "knee", "ankle", "toe"];
const WHITE = "#fcfaf6";
const PALE = "#c4cdd4";
const RIM = "#1a1816";
const WINK = "#f07c34";

/* Points of one frame on the screen; a point that is missing is left out. */
function placed(scene, index, view) {
  const at = (columns, k) => {
    const [x, y] = [columns[2 * k][index], columns[2 * k + 1][index]];
    return Number.isNaN(x + y) ? null : [x * view.k + view.x, y * view.k + view.y];
  };
  const joints = Object.fromEntries(scene.names.map((name, k) => [name, at(scene.joints, k)]));
  const back = Array.from({ length: scene.outline.length / 2 }, (_, k) => at(scene.outline, k));
  return { joints, back };
}

function stroke(ink, points, colour, width) {
  for (const [shade, more] of [[RIM, 2.5], [colour, 0]]) {
    ink.strokeStyle = shade;
    ink.lineWidth = width + more;
    ink.beginPath();
    let isDown = false;
    for (const point of points) {
      if (point) ink[isDown ? "lineTo" : "moveTo"](...point);
      isDown = point !== null && point !== undefined;
    }
    ink.stroke();
  }
}

function dot(ink, point, radius) {
  if (!point) return;
  for (const [shade, size] of [[RIM, radius * 1.4], [WHITE, radius]]) {
    ink.fillStyle = shade;
    ink.beginPath();
    ink.arc(...point, size, 0, 2 * Math.PI);
    ink.fill();
  }
}

function bowl(ink, centre, lean, size, colour, width) {
  const turned = [];
  for (let k = 0; k <= 24; k += 1) {
    const angle = (Math.PI * k) / 24;
    const [x, y] = [size * Math.cos(angle), 0.75 * size * Math.sin(angle)];
    turned.push([
      centre[0] + x * Math.cos(lean) - y * Math.sin(lean),
      centre[1] + x * Math.sin(lean) + y * Math.cos(lean),
    ]);
  }
  stroke(ink, [...turned, turned[0], turned[1]], colour, width);
}

/* Ribcage and pelvis; the lower bowl tips by the angle that was measured. */
function bowls(ink, joints, tilt, colour, thick) {
  const { shoulder, hip, heel, toe } = joints;
  if (!shoulder || !hip || !heel || !toe || toe[0] === heel[0]) return;
  const up = [shoulder[0] - hip[0], shoulder[1] - hip[1]];
  const length = Math.hypot(...up);
  const facing = Math.sign(toe[0] - heel[0]);
  const lean = Math.atan2(up[0], -up[1]);
  const on = (share) => [hip[0] + share * up[0], hip[1] + share * up[1]];
  bowl(ink, on(0.55), lean, 0.19 * length, WHITE, 2.5 * thick);
  bowl(ink, on(0.16), lean - (facing * tilt * Math.PI) / 180, 0.19 * length, colour, 3.5 * thick);
}

/* A canvas as sharp as the screen, empty, in pixels of the page. */
function cleared(canvas) {
  const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
  const sharp = Math.min(window.devicePixelRatio || 1, 2.5);
  if (canvas.width !== Math.round(wide * sharp) || canvas.height !== Math.round(high * sharp)) {
    [canvas.width, canvas.height] = [Math.round(wide * sharp), Math.round(high * sharp)];
  }
  const ink = canvas.getContext("2d");
  ink.setTransform(sharp, 0, 0, sharp, 0, 0);
  ink.clearRect(0, 0, wide, high);
  ink.lineCap = ink.lineJoin = "round";
  return ink;
}

function overlay(ink, scene, index, view, shown, thick = 1) {
  const { joints, back } = placed(scene, index, view);
  const colour = scene.tucked[index] ? WINK : WHITE;
  if (shown.skeleton) {
    for (const pair of FAR) stroke(ink, pair.map((n) => joints[n]), PALE, 1.5 * thick);
    for (const pair of NEAR) stroke(ink, pair.map((n) => joints[n]), WHITE, 2.5 * thick);
    for (const name of DOTS) dot(ink, joints[name], 4 * thick);
  }
  if (shown.back) stroke(ink, back, colour, 3.5 * thick);
  const tilt = scene.tilt[index];
  if (shown.bowls && tilt !== null) bowls(ink, joints, tilt, colour, thick);
}

/* The angles of a frame in words. */
function told(scene, index) {
  const thigh = scene.thigh[index];
  const lumbar = scene.lumbar[index];
  const band = scene.band[index];
  const deep =
    thigh === null ? ""
      : Math.abs(thigh) < 2.5 ? "at parallel"
        : `${Math.abs(thigh).toFixed(0)}° ${thigh > 0 ? "above" : "below"} parallel`;
  let back = "";
  if (lumbar !== null && (band === null || band < 8)) {
    const size = `${Math.abs(lumbar).toFixed(0)}°${band === null ? "" : ` ± ${band.toFixed(0)}°`}`;
    const isSame = Math.abs(lumbar) < Math.max(band ?? 0, 0.5);
    back = isSame ? `back as standing${band === null ? "" : ` (± ${band.toFixed(0)}°)`}`
      : `back ${size} ${lumbar > 0 ? "tucked" : "arched"}`;
  }
  const onset = scene.onsets.get(index);
  if (onset) back = onset.wink ? "the tuck starts here" : "the arch starts to go here";
  return { when: `${scene.t[index].toFixed(2)} s`, deep, back };
}
