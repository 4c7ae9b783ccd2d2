const SVG = "http://www.w3.org/2000/svg"
const HEIGHT = 330
const MARGIN = { left: 62, right: 14, top: 14, bottom: 44 }
// After the last arrow key, so that holding it down asks the page once.
const PAUSE = 500

const charts = new WeakMap()

function make(parent, name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (text) element.textContent = text
  parent.appendChild(element)
  return element
}

// Round steps of 1, 2 or 5 times a power of ten.
function ticks(low, high, count) {
  const rough = (high - low) / count
  if (!(rough > 0)) return [low]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)
  const found = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    found.push(i * step)
  }
  return found
}

function short(value) {
  return String(Number(value.toPrecision(3)))
}

class Chart {
  constructor(host) {
    this.host = host
    this.level = 0
    this.dragging = false
    this.timer = 0
    this.sized = new ResizeObserver(() => this.width !== host.clientWidth && this.draw())
    this.sized.observe(host)
  }

  show(data, send) {
    this.send = send
    // What the page says counts, unless the line is just being moved.
    if (!this.dragging && !this.timer) this.level = data.level
    const seen = JSON.stringify({ ...data, level: 0 })
    if (seen !== this.seen || !this.svg) {
      this.data = data
      this.seen = seen
      this.draw()
    } else {
      this.place()
    }
  }

  get extent() {
    const xs = this.data.lines.flatMap((line) => line.points.map((point) => point[0]))
    const ys = this.data.lines.flatMap((line) => line.points.map((point) => point[1]))
    const most = (values, start) => values.reduce((a, b) => Math.max(a, b), start)
    const least = (values, start) => values.reduce((a, b) => Math.min(a, b), start)
    return {
      left: least(xs, Infinity),
      right: most(xs, -Infinity),
      top: 1.06 * most(ys, this.data.high),
    }
  }

  draw() {
    this.width = this.host.clientWidth
    if (!this.width || !this.data) return
    const focused = this.slider && this.slider === this.host.getRootNode().activeElement
    const { left, right, top } = this.extent
    this.inner = {
      width: this.width - MARGIN.left - MARGIN.right,
      height: HEIGHT - MARGIN.top - MARGIN.bottom,
    }
    this.top = top
    this.x = (value) => MARGIN.left + ((value - left) / (right - left || 1)) * this.inner.width
    this.y = (value) => MARGIN.top + (1 - value / top) * this.inner.height
    this.svg?.remove()
    this.svg = make(this.host, "svg", { height: HEIGHT, viewBox: `0 0 ${this.width} ${HEIGHT}` })
    this.drawAxes(left, right)
    this.drawLines()
    this.drawLevel()
    this.place()
    if (focused) this.slider.focus({ preventScroll: true })
  }

  drawAxes(left, right) {
    const bottom = this.y(0)
    const end = MARGIN.left + this.inner.width
    for (const value of ticks(0, this.top, 6)) {
      const y = this.y(value)
      make(this.svg, "line", { class: "grid", x1: MARGIN.left, x2: end, y1: y, y2: y })
      const place = { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }
      make(this.svg, "text", place, short(value))
    }
    if (this.data.xTicks) {
      for (const value of ticks(left, right, Math.max(2, this.inner.width / 110))) {
        const place = { x: this.x(value), y: bottom + 17, "text-anchor": "middle" }
        make(this.svg, "text", place, short(value))
      }
    }
    const middle = { x: MARGIN.left + this.inner.width / 2, y: HEIGHT - 6, "text-anchor": "middle" }
    make(this.svg, "text", middle, this.data.xTitle)
    const up = MARGIN.top + this.inner.height / 2
    const turned = { x: 14, y: up, "text-anchor": "middle", transform: `rotate(-90 14 ${up})` }
    make(this.svg, "text", turned, this.data.yTitle)
  }

  drawLines() {
    const drawing = make(this.svg, "g", { role: "img", "aria-label": this.data.alt })
    const name = `below-${Math.random().toString(36).slice(2)}`
    const clip = make(make(this.svg, "defs"), "clipPath", { id: name })
    this.clip = make(clip, "rect", { x: 0, width: this.width, y: 0, height: HEIGHT })
    const above = make(drawing, "g", { class: "above" })
    const below = make(drawing, "g", { class: "below", "clip-path": `url(#${name})` })
    for (const { points, color } of this.data.lines) {
      const path = points.map(([x, y]) => `${this.x(x).toFixed(1)},${this.y(y).toFixed(1)}`).join(" ")
      make(above, "polyline", { points: path })
      const coloured = make(below, "polyline", { points: path })
      if (color) coloured.style.stroke = color
    }
  }

  drawLevel() {
    const { low, high, name } = this.data
    const end = MARGIN.left + this.inner.width
    this.slider = make(this.svg, "g", {
      class: "level",
      role: "slider",
      tabindex: 0,
      "aria-orientation": "vertical",
      "aria-label": name,
      "aria-valuemin": low,
      "aria-valuemax": high,
    })
    // A finger needs more than a line.
    const reach = { class: "reach", x: MARGIN.left, width: this.inner.width, y: -14, height: 28 }
    make(this.slider, "rect", { ...reach, rx: 4 })
    make(this.slider, "line", { class: "line", x1: MARGIN.left, x2: end, y1: 0, y2: 0 })
    make(this.slider, "circle", { class: "grip", cx: end - 16, cy: 0, r: 8 })
    this.plate = make(this.slider, "rect", { class: "plate", x: MARGIN.left + 4, height: 19, rx: 3 })
    this.reading = make(this.slider, "text", { class: "reading", x: MARGIN.left + 10, y: -8 })
    this.slider.onpointerdown = (event) => this.take(event)
    this.slider.onpointermove = (event) => this.drag(event)
    this.slider.onpointerup = (event) => this.drop(event)
    this.slider.onpointercancel = (event) => this.drop(event)
    this.slider.onkeydown = (event) => this.step(event)
    this.slider.onblur = () => this.timer && this.tell()
  }

  get words() {
    const said = this.data.readings.filter(([from]) => from <= this.level).pop()
    return short(this.level) + (said ? ` · ${said[1]}` : "")
  }

  place() {
    const y = this.y(this.level)
    this.slider.setAttribute("transform", `translate(0 ${y})`)
    this.slider.setAttribute("aria-valuenow", short(this.level))
    this.slider.setAttribute("aria-valuetext", this.words)
    this.clip.setAttribute("y", y)
    // Near the upper edge the words go below the line.
    const base = y < MARGIN.top + 24 ? 19 : -8
    this.reading.setAttribute("y", base)
    this.reading.textContent = this.words
    this.plate.setAttribute("y", base - 14)
    this.plate.setAttribute("width", this.reading.getComputedTextLength() + 12)
  }

  move(level) {
    this.level = Math.min(Math.max(level, this.data.low), this.data.high)
    this.place()
  }

  take(event) {
    this.dragging = true
    this.taken = { y: event.clientY, level: this.level }
    this.slider.classList.add("dragged")
    this.slider.setPointerCapture(event.pointerId)
    this.slider.focus({ preventScroll: true })
    event.preventDefault()
  }

  drag(event) {
    if (!this.dragging) return
    // How far it was moved counts, not where it is: the page may shift under the finger.
    const moved = (event.clientY - this.taken.y) / this.svg.getBoundingClientRect().height
    this.move(this.taken.level - (moved * HEIGHT * this.top) / this.inner.height)
  }

  drop(event) {
    if (!this.dragging) return
    this.dragging = false
    this.slider.classList.remove("dragged")
    this.slider.releasePointerCapture(event.pointerId)
    this.tell()
  }

  step(event) {
    const { low, high } = this.data
    const one = (high - low) / 100
    const moves = {
      ArrowUp: this.level + one,
      ArrowRight: this.level + one,
      ArrowDown: this.level - one,
      ArrowLeft: this.level - one,
      PageUp: this.level + 10 * one,
      PageDown: this.level - 10 * one,
      Home: low,
      End: high,
    }
    if (!(event.key in moves)) return
    event.preventDefault()
    this.move(moves[event.key])
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.tell(), PAUSE)
  }

  tell() {
    clearTimeout(this.timer)
    this.timer = 0
    this.send(this.level)
  }

  end() {
    clearTimeout(this.timer)
    this.sized.disconnect()
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".chart")
  if (!host || !data) return
  if (!charts.has(host)) charts.set(host, new Chart(host))
  const chart = charts.get(host)
  chart.show(data, (level) => setTriggerValue("moved", level))
  return () => {
    chart.end()
    charts.delete(host)
  }
}
