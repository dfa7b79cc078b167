// The moments of a rep side by side; a tap takes the film there.
export default function (component) {
  const { data, parentElement } = component
  const rows = parentElement.querySelector(".rows")
  rows.style.setProperty("--shape", data.shape)
  rows.replaceChildren(...data.rows.map((row) => {
    const section = document.createElement("section")
    const title = document.createElement("h4")
    title.textContent = row.title
    const tiles = document.createElement("div")
    tiles.className = "tiles"
    tiles.append(...row.tiles.map((tile) => {
      const button = document.createElement("button")
      button.type = "button"
      button.className = tile.flag ? "flag" : ""
      button.setAttribute("aria-label", `${tile.name}, ${tile.when}, ${tile.depth}: show in the film`)
      const picture = document.createElement("img")
      picture.src = `data:image/jpeg;base64,${tile.jpeg}`
      picture.alt = ""
      const [name, when, depth] = ["b", "span", "span"].map((kind) => document.createElement(kind))
      ;[name.textContent, when.textContent, depth.textContent] = [tile.name, tile.when, tile.depth]
      button.append(picture, name, when, depth)
      button.onclick = () => window.dispatchEvent(
        new CustomEvent("two-bowls-move", { detail: { id: data.id, t: tile.t, tell: true } }))
      return button
    }))
    section.append(title, tiles)
    return section
  }))
}
