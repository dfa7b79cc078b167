// Tells the scrubber where Python wants the film to be; all that a chart click sends to it.
export default function (component) {
  const { id, t, n } = component.data
  const before = window.twoBowlsWish
  window.twoBowlsWish = { id, t, n }
  if (!before || before.id !== id || before.n !== n) {
    window.dispatchEvent(new CustomEvent("two-bowls-move", { detail: { id, t } }))
  }
}
