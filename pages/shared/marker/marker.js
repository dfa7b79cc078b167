// The photo with points to drag. While a finger moves one, lines and figures follow here, and
// Python hears of it when the finger lets go. Pixels are those of the photo, y down.
const states = new WeakMap()
const SVG = "http://www.w3.org/2000/svg"
const BONES = [["knee", "ankle"], ["ankle", "heel"], ["heel", "toe"], ["plate1", "plate2"]]
const NAMES = { knee: "Knee", ankle: "Ankle", heel: "Heel", toe: "Tip of the longest toe",
  plate1: "One edge of the plate", plate2: "The opposite edge of the plate" }
const degrees = (radians) => (radians * 180) / Math.PI

// As analysis/ankle.py has them.
const geometry = (p, facing) => ({
  shank: degrees(Math.atan2((p.knee[0] - p.ankle[0]) * facing, p.ankle[1] - p.knee[1])),
  heel: degrees(Math.atan2(p.toe[1] - p.heel[1], (p.toe[0] - p.heel[0]) * facing)),
  past: (p.knee[0] - p.toe[0]) * facing,
})

const figures = (base, was, now) => {
  const [a, b] = [geometry(was, base.facing), geometry(now, base.facing)]
  const heel = base.heel + b.heel - a.heel
  const isUp = heel > base.heel_up
  const ankle = base.shank + b.shank - a.shank - (isUp ? heel : 0)
  const cm = base.cm_per_px ? (base.past + b.past - a.past) * base.cm_per_px : null
  const told = [`Ankle ${Math.round(ankle)}°`]
  if (cm !== null) told.push(`knee ${cm.toFixed(1)} cm (${(cm / 2.54).toFixed(1)} in) past the toes`)
  if (isUp) told.push("heel up")
  return told.join(" · ")
}

const make = (parent, name, attributes = {}) => {
  const node = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  parent.append(node)
  return node
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const root = parentElement.querySelector(".marker")
  const [stage, img, over, loupe, told] =
    [".stage", "img", ".over", ".loupe", ".told"].map((at) => root.querySelector(at))
  const state = states.get(parentElement) ?? { count: 0 }
  states.set(parentElement, state)
  state.data = data
  const [wide, high] = data.size
  const unit = wide / Math.max(stage.clientWidth || 340, 200)  // pixels of the photo per pixel of the page

  const showPhoto = () => {
    const url = (window.twoBowlsPhotos ?? new Map()).get(data.id)
    if (url && img.src !== url) img.src = url
    if (url) stage.dataset.ready = "yes"
    return url
  }
  img.alt = data.alt ?? ""
  stage.style.aspectRatio = `${wide} / ${high}`
  if (!showPhoto()) {
    window.removeEventListener("two-bowls-photo", state.onPhoto)
    state.onPhoto = showPhoto
    window.addEventListener("two-bowls-photo", state.onPhoto)
  }

  const points = structuredClone(data.points ?? {})
  over.setAttribute("viewBox", `0 0 ${wide} ${high}`)
  over.replaceChildren()
  const bones = BONES.filter(([a, b]) => points[a] && points[b]).map(([a, b]) => {
    const kind = a.startsWith("plate") ? "bone plate" : "bone"
    return [a, b, make(over, "line", { class: "shade", "stroke-width": 6 * unit }),
      make(over, "line", { class: kind, "stroke-width": 3 * unit })]
  })
  const place = () => {
    for (const [a, b, ...lines] of bones) {
      for (const line of lines) {
        const [[x1, y1], [x2, y2]] = [points[a], points[b]]
        for (const [key, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(key, value)
      }
    }
    for (const [name, handle] of handles) {
      handle.setAttribute("transform", `translate(${points[name][0]} ${points[name][1]})`)
      handle.setAttribute("aria-valuetext", points[name].map(Math.round).join(", "))
    }
    told.textContent = data.base ? figures(data.base, data.points, points) : ""
  }
  const tell = () => setStateValue("moved", { points, n: (state.count += 1) })
  const move = (name, x, y) => {
    points[name] = [Math.min(Math.max(x, 0), wide), Math.min(Math.max(y, 0), high)]
    place()
  }
  const magnify = (name) => {
    const [x, y] = points[name]
    const half = 29 * unit
    loupe.setAttribute("viewBox", `${x - half} ${y - half} ${2 * half} ${2 * half}`)
    loupe.replaceChildren()
    make(loupe, "image", { href: img.src, width: wide, height: high })
    make(loupe, "path", { d: `M${x - half} ${y}h${2 * half}M${x} ${y - half}v${2 * half}`,
      stroke: "#fcfaf6", "stroke-width": 0.7 * unit })
    const isLeft = x < wide / 2
    loupe.style.left = isLeft ? "auto" : "8px"
    loupe.style.right = isLeft ? "8px" : "auto"
    loupe.removeAttribute("hidden")
  }

  const handles = Object.keys(points).map((name) => {
    const kind = name.startsWith("plate") ? "handle plate" : "handle"
    const handle = make(over, "g", { class: kind, "data-name": name, tabindex: 0, role: "slider",
      "aria-label": NAMES[name] ?? name, "aria-valuenow": 0 })
    make(handle, "circle", { class: "grip", r: 24 * unit })
    make(handle, "circle", { class: "ring", r: 9 * unit, "stroke-width": 2 * unit })
    make(handle, "circle", { class: "core", r: 2 * unit })
    let grip = null
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId)
      // The point keeps its distance from the finger, which would hide it.
      grip = { x: event.clientX, y: event.clientY, from: [...points[name]] }
      magnify(name)
      event.preventDefault()
    })
    handle.addEventListener("pointermove", (event) => {
      if (!grip) return
      const k = wide / over.getBoundingClientRect().width
      move(name, grip.from[0] + (event.clientX - grip.x) * k, grip.from[1] + (event.clientY - grip.y) * k)
      magnify(name)
    })
    const end = () => {
      if (!grip) return
      const hasMoved = grip.from.some((value, axis) => value !== points[name][axis])
      grip = null
      loupe.setAttribute("hidden", "")
      if (hasMoved) tell()
    }
    handle.addEventListener("pointerup", end)
    handle.addEventListener("pointercancel", end)
    handle.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
      if (!way) return
      event.preventDefault()
      const step = (event.shiftKey ? 8 : 1) * unit
      move(name, points[name][0] + way[0] * step, points[name][1] + way[1] * step)
      clearTimeout(state.key)
      state.key = setTimeout(tell, 500)
    })
    return [name, handle]
  })
  place()
  return () => {
    window.removeEventListener("two-bowls-photo", state.onPhoto)
    clearTimeout(state.key)
  }
}
