// Moves the lifter with the slider. Pixels of the drawing, y down; angles in degrees, leans
// forward positive, and the angle between the bowls positive when the lower one tucks.
const ANKLE = [112, 266]
const SHANK = 66, THIGH = 68, PELVIS = 24, LOIN = 26, CHEST = 46, NECK = 24
// Depth from which on the tailbone tucks, as a share of the way down.
const TUCK_FROM = 0.62
const TUCK = 24, ARCH = 20

const rad = (degrees) => (degrees * Math.PI) / 180
const mix = (from, to, share) => from + (to - from) * share
const along = ([x, y], lean, length) =>
  [x + length * Math.sin(rad(lean)), y - length * Math.cos(rad(lean))]

// Lower bowl against the upper one: 0 parallel, + tucked, - arched.
const between = (way, share) => {
  if (way === "arch") return -ARCH * (1 - share)
  if (way === "wink") return TUCK * Math.max(0, (share - TUCK_FROM) / (1 - TUCK_FROM))
  return 0
}

const pose = (way, share) => {
  const thigh = mix(86, -16, share)  // over the horizontal
  const knee = along(ANKLE, mix(2, 31, share), SHANK)
  const hip = [knee[0] - THIGH * Math.cos(rad(thigh)), knee[1] - THIGH * Math.sin(rad(thigh))]
  const chest = mix(3, 40, share), angle = between(way, share)
  const pelvis = chest - angle
  const sacrum = along(hip, pelvis, PELVIS)
  const loin = along(sacrum, (pelvis + chest) / 2, LOIN)
  const neck = along(loin, chest, CHEST)
  return { thigh, knee, hip, chest, pelvis, angle, sacrum, loin, neck,
    head: along(neck, chest * 0.6, NECK) }
}

// A smooth line through the trunk, bent where the two bowls meet.
const spine = ({ hip, sacrum, loin, neck }) => {
  const points = []
  for (let k = 0; k <= 20; k += 1) {
    const t = k / 20, s = 1 - t
    points.push([0, 1].map((axis) => s ** 3 * hip[axis] + 3 * s * s * t * sacrum[axis]
      + 3 * s * t * t * loin[axis] + t ** 3 * neck[axis]))
  }
  return points
}

const depth = (thigh) => {
  const whole = Math.round(Math.abs(thigh))
  return whole < 3 ? "at parallel" : `${whole}° ${thigh > 0 ? "above" : "below"} parallel`
}

const told = (way, { angle }) => {
  const whole = Math.round(Math.abs(angle))
  if (way === "arch") {
    return whole < 1 ? "Flat: the arch is gone and the back stops there. Not a wink."
      : `Arched by ${whole}°: the lower bowl tips forward.`
  }
  if (whole < 1) return "The bowls are parallel."
  return `Tucked by ${whole}°: past neutral, the lower bowl tips under the upper one.`
}

export default function (component) {
  const { parentElement } = component
  const find = (name) => parentElement.querySelector(name)
  const slider = find("input[type=range]")
  const line = (name, points) =>
    find(name).setAttribute("points", points.map((p) => p.map((v) => v.toFixed(1)).join()).join(" "))
  const put = (name, [x, y], lean) =>
    find(name).setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${lean.toFixed(1)})`)
  const draw = () => {
    const way = find("input[type=radio]:checked").value
    const now = pose(way, slider.value / 100)
    line(".foot", [[ANKLE[0] - 12, 276], [ANKLE[0] + 36, 276]])
    line(".leg", [ANKLE, now.knee, now.hip])
    line(".spine", spine(now))
    line(".arm", [along(now.neck, now.chest + 180, 8), along(now.neck, 88, 56)])
    put(".lower", along(now.hip, now.pelvis, PELVIS * 0.7), now.pelvis)
    put(".upper", along(now.loin, now.chest, CHEST * 0.45), now.chest)
    find(".head").setAttribute("cx", now.head[0])
    find(".head").setAttribute("cy", now.head[1])
    for (const end of ["y1", "y2"]) find(".level").setAttribute(end, now.knee[1])
    find(".level-name").setAttribute("y", now.knee[1] - 5)
    const text = `${told(way, now)} Thigh ${depth(now.thigh)}.`
    find(".says").textContent = text
    find("svg").setAttribute("aria-label", `A lifter from the side with two bowls. ${text}`)
    slider.setAttribute("aria-valuetext", depth(now.thigh))
    find(".bowls").classList.toggle("tucked", way === "wink" && now.angle >= 1)
    find(".bowls").dataset.angle = now.angle.toFixed(1)
  }
  find(".bowls").oninput = draw
  draw()
}
