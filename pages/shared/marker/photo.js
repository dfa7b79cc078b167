// Receives a picture once and keeps it as a Blob for the marker.
// The first bytes are its id: a length, then its letters.
export default function (component) {
  const { data, parentElement } = component
  const photos = (window.twoBowlsPhotos ??= new Map())
  const id = new TextDecoder().decode(data.slice(1, 1 + data[0]))
  if (!photos.has(id)) {
    photos.set(id, URL.createObjectURL(new Blob([data.slice(1 + data[0])], { type: "image/jpeg" })))
    window.dispatchEvent(new CustomEvent("two-bowls-photo", { detail: { id } }))
  }
  parentElement.twoBowlsPhoto = id
  return () => {
    URL.revokeObjectURL(photos.get(id))
    photos.delete(id)
  }
}
