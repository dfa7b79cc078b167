// A name and an icon for the home screen, as far as a page may say so itself: Streamlit's own
// head has neither. iPhones take the touch icon and the title, Android takes the manifest.
// The link to a result is no part of it: the app on the home screen opens at its beginning.
const SIDE = 512

const put = (kind, name, value, attribute, content) => {
  const found = document.head.querySelector(`${kind}[${name}="${value}"]`)
  const node = found ?? document.head.appendChild(document.createElement(kind))
  node.setAttribute(name, value)
  node.setAttribute(attribute, content)
}

// The drawing as a picture without see-through corners, which iPhones would make black.
const drawn = async (svg, ground) => {
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await image.decode()
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE })
  const ink = canvas.getContext("2d")
  ink.fillStyle = ground
  ink.fillRect(0, 0, SIDE, SIDE)
  ink.drawImage(image, 0, 0, SIDE, SIDE)
  return canvas.toDataURL("image/png")
}

export default function (component) {
  const { name, svg, ground } = component.data
  const page = getComputedStyle(component.parentElement.host ?? component.parentElement)
    .getPropertyValue("--st-background-color").trim()
  put("meta", "name", "apple-mobile-web-app-title", "content", name)
  put("meta", "name", "application-name", "content", name)
  put("meta", "name", "theme-color", "content", page)
  if (document.head.querySelector('link[rel="manifest"]')) return
  drawn(svg, ground).then((icon) => {
    const manifest = {
      name,
      short_name: name,
      start_url: location.origin + location.pathname,
      display: "minimal-ui",
      background_color: page,
      theme_color: page,
      icons: [{ src: icon, sizes: `${SIDE}x${SIDE}`, type: "image/png" }],
    }
    put("link", "rel", "apple-touch-icon", "href", icon)
    const text = encodeURIComponent(JSON.stringify(manifest))
    put("link", "rel", "manifest", "href", `data:application/manifest+json,${text}`)
  })
}
