// Says how large the chosen film is and how long it takes to send. Streamlit tells the page
// nothing of that: the choice is seen as it bubbles up from the field, the rest is a clock.
const MEGA = 1e6
const LINES = [["wifi", 20], ["a few bars of signal", 5], ["one bar", 1]] // Mbit/s upwards

// Films that were told of. One may be chosen before this has loaded, on a slow line.
const known = new WeakSet()

const span = (seconds) =>
  seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`

export default function (component) {
  const { data, parentElement } = component
  const note = parentElement.querySelector(".meter")
  const show = (text, isStop = false) => {
    note.hidden = false
    note.textContent = text
    note.classList.toggle("stop", isStop)
  }
  parentElement.twoBowlsStop?.()
  let clock = null
  // What Streamlit says itself of an upload that failed is the name of an error.
  const failed = (field) => {
    const said = field?.querySelector('[role="alert"]')
    if (!said) return false
    said.style.display = "none"
    show(said.textContent.includes("413")
      ? "This film is too large for this server. Trim it to the set, or record at 1080p and 30 "
        + "pictures a second, and choose it again."
      : "The upload broke off. Choose the film again; a stronger signal or a film trimmed to the "
        + "set helps.", true)
    return true
  }
  const took = (file, field) => {
    clearInterval(clock)
    known.add(file)
    const size = file.size / MEGA
    if (size > data.most_mb) {
      show(`This film is ${size.toFixed(0)} MB; ${data.most_mb} MB is the most. Trim it to the set, `
        + "or record at 1080p and 30 pictures a second, and choose it again.", true)
      return
    }
    const times = LINES.map(([name, speed]) => `${span((size * 8) / speed)} with ${name}`)
    const start = performance.now()
    let wasListed = false
    const tell = () => {
      const isListed = Boolean(field?.querySelector('[data-testid="stFileChipName"]'))
      if (wasListed && !isListed) {  // taken away again by hand
        note.hidden = true
        clearInterval(clock)
        return
      }
      wasListed = isListed
      if (failed(field)) return
      const gone = (performance.now() - start) / 1000
      const slow = gone > 45 ? " Still sending: a stronger signal or a shorter film helps." : ""
      show(navigator.onLine
        ? `${size.toFixed(1)} MB to send: about ${times.join(", ")}.${slow}`
        : "The connection is gone, so the upload has stopped. Choose the film again once you are "
          + "online.", !navigator.onLine)
    }
    tell()
    clock = setInterval(tell, 500)
  }
  const fieldOf = (node) => node.closest?.('[data-testid="stFileUploader"]')
  const onChange = ({ target }) => {
    const isFile = target instanceof HTMLInputElement && target.type === "file" && target.files?.[0]
    if (isFile) took(target.files[0], fieldOf(target))
  }
  const onDrop = ({ dataTransfer, target }) => {
    if (dataTransfer?.files?.[0]) took(dataTransfer.files[0], fieldOf(target))
  }
  for (const field of document.querySelectorAll('[data-testid="stFileUploader"]')) {
    const early = field.querySelector("input[type=file]")?.files?.[0]
    if (early && !known.has(early)) took(early, field)
  }
  document.addEventListener("change", onChange, true)
  document.addEventListener("drop", onDrop, true)
  const stop = () => {
    clearInterval(clock)
    document.removeEventListener("change", onChange, true)
    document.removeEventListener("drop", onDrop, true)
  }
  parentElement.twoBowlsStop = stop
  return stop
}
