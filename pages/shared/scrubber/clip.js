// Receives the preview film once and keeps it as a Blob for the scrubber.
// The first bytes are the id of the result: a length, then its letters.
export default function (component) {
  const { data, parentElement } = component
  const films = (window.twoBowlsFilms ??= new Map())
  const mounts = (window.twoBowlsMounts ??= new Set())
  const forget = () => {
    for (const url of films.values()) URL.revokeObjectURL(url)
    films.clear()
  }
  const id = new TextDecoder().decode(data.slice(1, 1 + data[0]))
  mounts.add(parentElement)
  if (!films.has(id)) {
    forget()
    films.set(id, URL.createObjectURL(new Blob([data.slice(1 + data[0])], { type: "video/mp4" })))
    window.dispatchEvent(new CustomEvent("two-bowls-film", { detail: { id } }))
  }
  return () => {
    mounts.delete(parentElement)
    if (!mounts.size) forget()
  }
}
