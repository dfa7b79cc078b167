// The upright line in the time chart: it follows the film live, and the chart is never sent again.
// The panels are exactly as wide as the page, so that a time is a share of that width.
export default function (component) {
  const { data, parentElement } = component
  const line = parentElement.querySelector(".rule")
  const state = (parentElement.twoBowlsRule ??= { t: data.t })
  state.data = data
  state.t = data.t
  const place = () => {
    const chart = document.querySelector(`.st-key-${state.data.beside} .stVegaLiteChart`)
    const { from, to } = state.data
    if (!chart || to <= from) return
    const own = line.parentElement.getBoundingClientRect()
    const plots = [...chart.querySelectorAll("svg .background")]
      .map((plot) => plot.getBoundingClientRect()).filter((plot) => plot.width > 99 && plot.height > 9)
    const box = chart.getBoundingClientRect()
    // Without panels that can be found (a long film is drawn as one picture): as wide as the page.
    const { left, width } = plots[0] ?? box
    const [top, bottom] = plots.length ? [plots[0].top, plots.at(-1).bottom] : [box.top + 34, box.bottom - 82]
    const share = Math.min(Math.max((state.t - from) / (to - from), 0), 1)
    line.style.height = `${Math.max(bottom - top, 0)}px`
    line.style.transform = `translate(${left - own.left + share * width}px, ${top - own.top}px)`
    line.hidden = false
    if (state.chart === chart) return
    state.size?.disconnect()
    state.chart = chart
    state.size = new ResizeObserver(place)
    state.size.observe(chart)
  }
  if (!state.onShown) {
    state.onShown = ({ detail }) => {
      if (detail.id !== state.data.id) return
      state.t = detail.t
      place()
    }
    window.addEventListener("two-bowls-shown", state.onShown)
    state.clock = setInterval(place, 700)  // the chart may come later, or be drawn anew
  }
  place()
  return () => {
    window.removeEventListener("two-bowls-shown", state.onShown)
    clearInterval(state.clock)
    state.size?.disconnect()
  }
}
