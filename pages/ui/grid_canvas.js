const SVG = "http://www.w3.org/2000/svg"
const TALLEST = 560
const WIDEST_CELL = 66
// Cells smaller than this show no words, only colours.
const READABLE = 21
// How large the signs of the legend are.
const SAMPLE = 24
// After the last arrow key, so that painting along with the keys asks the page once.
const PAUSE = 450

// What may be in a cell, and a cell that shows it.
const SIGNS = [
  ["wall", (cell) => cell.kind === "wall", { kind: "wall" }],
  ["start", (cell) => cell.start, { start: true }],
  ["terminal", (cell) => cell.kind === "goal", { kind: "goal" }],
  ["terminal that pays less, or hole", (cell) => cell.kind === "hole", { kind: "hole" }],
  ["wind", (cell) => cell.wind, { wind: [-1, 0] }],
  ["slips differently", (cell) => cell.slip != null, { slip: 0.5 }],
  ["teleport", (cell) => cell.to && !cell.pit, { to: [0, 0] }],
  ["carries off at once", (cell) => cell.pit, { pit: true }],
]

const canvases = new WeakMap()

function make(parent, name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (text) element.textContent = text
  parent.appendChild(element)
  return element
}

function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−")
}

function signed(value) {
  return value > 0 ? `+${short(value)}` : short(value)
}

// The sign of the direction, and how strong it blows.
function windText([down, right]) {
  const signs = { "-1,0": "↑", "0,1": "→", "1,0": "↓", "0,-1": "←",
    "-1,1": "↗", "1,1": "↘", "1,-1": "↙", "-1,-1": "↖" }
  const strength = Math.max(Math.abs(down), Math.abs(right))
  const sign = signs[`${Math.sign(down)},${Math.sign(right)}`]
  return strength > 1 ? `${sign}${strength}` : sign
}

function inWords(cell) {
  if (cell.kind === "wall") return "wall"
  const said = [{ goal: "terminal", hole: "terminal, hole" }[cell.kind] ?? (cell.to ? "" : "free")]
  if (cell.start) said.push("start")
  if (cell.reward != null) said.push(`reward ${signed(cell.reward)}`)
  if (cell.wind) said.push(`wind ${windText(cell.wind)}`)
  if (cell.slip != null) said.push(`slips with ${Math.round(cell.slip * 100)} %`)
  if (cell.to) {
    said.push(`${cell.pit ? "pit" : "teleport"} to row ${cell.to[0]}, column ${cell.to[1]}`)
    if (cell.fee != null) said.push(`pays ${signed(cell.fee)}`)
  }
  return said.filter(Boolean).join(", ")
}

// The cells on the straight line between two, so that quick drags leave no gaps.
function between([row, column], [toRow, toColumn]) {
  const count = Math.max(Math.abs(toRow - row), Math.abs(toColumn - column), 1)
  return Array.from({ length: count }, (_, step) => [
    Math.round(row + ((toRow - row) * (step + 1)) / count),
    Math.round(column + ((toColumn - column) * (step + 1)) / count),
  ])
}

function drawInside(group, cell, size, words) {
  const pays = cell.reward ?? cell.fee
  const tint = pays > 0 ? "good" : pays < 0 ? "bad" : ""
  group.setAttribute("class", `cell ${cell.kind ?? ""} ${tint}`)
  make(group, "rect", { class: "ground", width: size, height: size })
  if (cell.pit) drawPit(group, size)
  if (cell.slip != null) drawIce(group, cell.slip, size)
  // Beside what the cell pays, in a corner.
  const alone = !words || pays == null
  const place = alone ? [size / 2, size / 2, size * 0.5] : [size * 0.2, size * 0.22, size * 0.28]
  if (cell.kind === "goal") drawFlag(group, ...place)
  if (cell.kind === "hole") drawHole(group, ...place)
  if (cell.start) drawStart(group, size, words)
  if (!words) return
  if (pays != null) {
    const text = signed(pays)
    const letters = Math.min(size * 0.32, (1.1 * size) / text.length, 17)
    make(group, "text", { class: "reward", x: size / 2, y: size / 2, "font-size": letters }, text)
  }
  if (cell.wind) {
    const letters = Math.max(11, size * 0.24)
    const up = { class: "wind", x: size - letters, y: letters * 0.8, "font-size": letters }
    make(group, "text", up, windText(cell.wind))
  }
}

function drawFlag(group, x, y, size) {
  const [pole, top, bottom] = [x - size * 0.28, y - size * 0.5, y + size * 0.5]
  make(group, "line", { class: "pole", x1: pole, x2: pole, y1: top, y2: bottom })
  const tip = `${x + size * 0.5} ${top + size * 0.3}`
  make(group, "path", { class: "flag", d: `M ${pole} ${top} L ${tip} L ${pole} ${top + size * 0.6} Z` })
}

function drawHole(group, x, y, size) {
  make(group, "ellipse", { class: "hole", cx: x, cy: y, rx: size * 0.55, ry: size * 0.38 })
}

function drawStart(group, size, words) {
  const radius = words ? Math.max(7, size * 0.15) : size * 0.3
  const at = words ? Math.max(radius + 2, size * 0.22) : size / 2
  make(group, "circle", { class: "start", cx: at, cy: at, r: radius })
  if (!words) return
  make(group, "text", { class: "letter", x: at, y: at, "font-size": radius * 1.3 }, "S")
}

function drawIce(group, slip, size) {
  const wave = `q ${size * 0.07} ${-size * 0.08} ${size * 0.14} 0 t ${size * 0.14} 0`
  make(group, "path", { class: "ice", d: `M ${size * 0.08} ${size * 0.84} ${wave}` })
  if (size < 34) return
  const place = { class: "slip", x: size * 0.68, y: size * 0.84, "font-size": size * 0.18 }
  make(group, "text", place, `${Math.round(slip * 100)} %`)
}

function drawPit(group, size) {
  for (const shift of [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]) {
    const [from, to] = [Math.max(0, shift - 1) * size, Math.min(1, shift) * size]
    make(group, "line", { class: "pit", opacity: 0.35, x1: from, y1: to, x2: to, y2: from })
  }
}

function drawWay(ways, [x, y], [toX, toY], size, opacity = 1) {
  const [right, down] = [toX - x, toY - y]
  const length = Math.hypot(right, down)
  if (!length) return
  // Bent to one side, ends short of the middle, so that numbers stay readable.
  const side = [-down / length, right / length].map((part) => part * size * 0.3)
  const shift = side.map((part) => part * 0.75)
  const [endX, endY] = [toX + shift[0], toY + shift[1]]
  const [bendX, bendY] = [x + right / 2 + 2 * side[0], y + down / 2 + 2 * side[1]]
  const path = `M ${x + shift[0]} ${y + shift[1]} Q ${bendX} ${bendY} ${endX} ${endY}`
  make(ways, "path", { class: "way", d: path, opacity })
  const angle = (Math.atan2(endY - bendY, endX - bendX) * 180) / Math.PI
  const r = Math.max(3, size * 0.1)
  const head = `translate(${endX} ${endY}) rotate(${angle})`
  make(ways, "path", { class: "head", d: `M 0 0 L ${-2 * r} ${r} L ${-2 * r} ${-r} Z`, transform: head, opacity })
}

class Canvas {
  constructor(host) {
    this.host = host
    this.name = Math.random().toString(36).slice(2)
    this.count = 0
    // Strokes that the page has not answered yet: drawn over what it says.
    this.strokes = []
    this.stroke = null
    this.at = [0, 0]
    this.timer = 0
    this.legend = document.createElement("div")
    this.legend.className = "legend"
    host.after(this.legend)
    this.sized = new ResizeObserver(() => this.width !== host.clientWidth && this.build())
    this.sized.observe(host)
  }

  show(data, send) {
    this.send = send
    this.data = data
    if (data.from === this.name) this.strokes = this.strokes.filter(({ n }) => n > data.seen)
    const shape = `${data.rows} ${data.columns}`
    if (shape !== this.shape || !this.svg) {
      this.shape = shape
      this.build()
    } else {
      this.refresh()
    }
    // What was painted while the page was busy may have been overtaken: hand it in again.
    if (this.strokes.length && data.from === this.name) this.tell()
  }

  // --- drawing -------------------------------------------------------------------------------

  build() {
    const { rows, columns } = this.data ?? {}
    this.width = this.host.clientWidth
    if (!this.width || !rows) return
    const focused = this.hasFocus()
    const edge = 22
    const fits = Math.min((this.width - edge - 2) / columns, (TALLEST - edge) / rows)
    this.size = Math.min(WIDEST_CELL, fits)
    this.edge = this.size >= READABLE ? edge : 2
    const [width, height] = [columns, rows].map((n) => n * this.size + this.edge + 2)
    this.svg?.remove()
    this.svg = make(this.host, "svg", {
      width, height, viewBox: `0 0 ${width} ${height}`, role: "grid",
      "aria-rowcount": rows, "aria-colcount": columns,
    })
    this.numbers(rows, columns)
    this.cells = []
    for (let row = 0; row < rows; row++) {
      const line = make(this.svg, "g", { role: "row" })
      for (let column = 0; column < columns; column++) {
        const place = `translate(${this.edge + column * this.size} ${this.edge + row * this.size})`
        const group = make(line, "g", { role: "gridcell", tabindex: -1, transform: place })
        group.onfocus = () => this.moveTo([row, column], false)
        this.cells.push({ group, seen: null })
      }
    }
    this.ways = make(this.svg, "g")
    this.cursor = make(this.svg, "rect", {
      class: "cursor", x: 1.5, y: 1.5, width: this.size - 3, height: this.size - 3, rx: 2,
    })
    this.listen()
    this.refresh()
    this.moveTo([Math.min(this.at[0], rows - 1), Math.min(this.at[1], columns - 1)], focused)
  }

  numbers(rows, columns) {
    if (this.size < READABLE) return
    const size = { class: "number", "font-size": 11 }
    const middle = (n) => this.edge + (n + 0.5) * this.size
    for (let n = 0; n < columns; n++) make(this.svg, "text", { ...size, x: middle(n), y: 10 }, `${n}`)
    for (let n = 0; n < rows; n++) make(this.svg, "text", { ...size, x: 9, y: middle(n) }, `${n}`)
  }

  refresh() {
    if (!this.svg) return
    this.svg.setAttribute("aria-label", this.data.alt)
    this.now = this.data.cells.map((cell) => cell ?? {})
    const open = this.stroke ? [...this.strokes, this.stroke] : this.strokes
    for (const { cells, look } of open) for (const [row, column] of cells) this.put(row, column, look)
    this.now.forEach((cell, place) => this.drawCell(place, cell))
    this.drawWays()
    this.drawLegend()
  }

  // As it will probably look; the page has the last word.
  put(row, column, look) {
    const place = row * this.data.columns + column
    const whole = !Object.keys(look).length || look.kind || this.now[place]?.kind
    this.now[place] = whole ? look : { ...this.now[place], ...look }
  }

  drawCell(place, cell) {
    const { group, seen } = this.cells[place]
    const text = JSON.stringify(cell)
    if (text === seen) return
    this.cells[place].seen = text
    const [row, column] = [Math.floor(place / this.data.columns), place % this.data.columns]
    group.setAttribute("aria-label", `Row ${row}, column ${column}: ${inWords(cell)}`)
    group.replaceChildren()
    drawInside(group, cell, this.size, this.size >= READABLE)
  }

  drawLegend() {
    const signs = SIGNS.filter(([, has]) => this.now.some(has))
    const names = signs.map(([name]) => name).join()
    if (names === this.legend.dataset.names) return
    this.legend.dataset.names = names
    this.legend.replaceChildren()
    for (const [name, , cell] of signs) {
      const entry = document.createElement("span")
      const sample = make(entry, "svg", { width: SAMPLE, height: SAMPLE, "aria-hidden": true })
      drawInside(make(sample, "g"), cell, SAMPLE, true)
      if (cell.to) drawWay(sample, [-2, SAMPLE - 3], [SAMPLE - 6, 8], SAMPLE)
      entry.append(name)
      this.legend.appendChild(entry)
    }
  }

  drawWays() {
    this.ways.replaceChildren()
    const middle = (n) => this.edge + (n + 0.5) * this.size
    const many = this.now.filter((cell) => cell.to).length > 6
    this.now.forEach((cell, place) => {
      if (!cell.to) return
      const from = [middle(place % this.data.columns), middle(Math.floor(place / this.data.columns))]
      const to = [middle(cell.to[1]), middle(cell.to[0])]
      drawWay(this.ways, from, to, this.size, many ? 0.25 : 1)
    })
  }

  // --- painting ------------------------------------------------------------------------------

  listen() {
    this.svg.onpointerdown = (event) => this.take(event)
    this.svg.onpointermove = (event) => this.drag(event)
    this.svg.onpointerup = () => this.drop()
    this.svg.onpointercancel = () => this.drop()
    this.svg.onkeydown = (event) => this.press(event)
    this.svg.onkeyup = (event) => event.key === "Shift" && this.keyed && this.drop()
    this.svg.onfocusout = () => this.keyed && this.drop()
  }

  placeOf(event) {
    const box = this.svg.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left - this.edge, event.clientY - box.top - this.edge]
    const [row, column] = [Math.floor(y / this.size), Math.floor(x / this.size)]
    const inside = row >= 0 && column >= 0 && row < this.data.rows && column < this.data.columns
    return inside ? [row, column] : null
  }

  take(event) {
    const place = this.placeOf(event)
    if (!place || event.button) return
    event.preventDefault()
    this.drop()
    this.svg.setPointerCapture(event.pointerId)
    this.moveTo(place, true)
    this.cursor.classList.remove("keyed")
    this.begin([place])
  }

  drag(event) {
    if (!this.stroke || this.keyed) return
    const place = this.placeOf(event)
    const last = this.stroke.cells[this.stroke.cells.length - 1]
    if (!place || (place[0] === last[0] && place[1] === last[1])) return
    this.extend(between(last, place))
    this.moveTo(place, true)
    this.cursor.classList.remove("keyed")
  }

  begin(cells) {
    const { id, values, look } = this.data.brush
    this.stroke = { n: ++this.count, brush: id, values, look, cells: [] }
    this.extend(cells)
  }

  extend(cells) {
    this.stroke.cells.push(...cells)
    this.refresh()
  }

  drop() {
    clearTimeout(this.timer)
    this.keyed = false
    if (!this.stroke) return
    const unique = new Map(this.stroke.cells.map((cell) => [cell.join(), cell]))
    this.strokes.push({ ...this.stroke, cells: [...unique.values()] })
    this.stroke = null
    this.tell()
  }

  // In line with the strokes, so that it is heard after those that came before.
  turn(way) {
    this.strokes.push({ n: ++this.count, brush: way, values: {}, look: {}, cells: [] })
    this.tell()
  }

  tell() {
    const strokes = this.strokes.map(({ n, brush, values, cells }) => ({ n, brush, values, cells }))
    this.send({ from: this.name, strokes })
  }

  press(event) {
    const { rows, columns } = this.data
    const [row, column] = this.at
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [event.ctrlKey ? 0 : row, 0], End: [event.ctrlKey ? rows - 1 : row, columns - 1],
    }
    const command = event.ctrlKey || event.metaKey
    if (command && ["z", "y"].includes(event.key.toLowerCase())) {
      event.preventDefault()
      this.drop()
      this.turn(event.key.toLowerCase() === "z" && !event.shiftKey ? "undo" : "redo")
    } else if (event.key in moves) {
      event.preventDefault()
      const [toRow, toColumn] = moves[event.key]
      const to = [Math.min(Math.max(toRow, 0), rows - 1), Math.min(Math.max(toColumn, 0), columns - 1)]
      this.moveTo(to, true)
      if (event.shiftKey) this.along([[row, column], ...between([row, column], to)])
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault()
      this.drop()
      this.begin([[row, column]])
      this.drop()
    } else return
    this.cursor.classList.add("keyed")
  }

  along(cells) {
    clearTimeout(this.timer)
    if (this.stroke) this.extend(cells)
    else this.begin(cells)
    this.keyed = true
    this.timer = setTimeout(() => this.drop(), PAUSE)
  }

  // --- the cell with the focus ---------------------------------------------------------------

  hasFocus() {
    return !!this.svg && this.svg.contains(this.host.getRootNode().activeElement)
  }

  groupAt([row, column]) {
    return this.cells[row * this.data.columns + column]?.group
  }

  moveTo(place, focus) {
    this.groupAt(this.at)?.setAttribute("tabindex", -1)
    this.at = place
    const group = this.groupAt(place)
    group.setAttribute("tabindex", 0)
    const [x, y] = [place[1], place[0]].map((n) => this.edge + n * this.size)
    this.cursor.setAttribute("transform", `translate(${x} ${y})`)
    if (focus) group.focus({ preventScroll: true })
    else if (this.host.getRootNode().activeElement === group && group.matches(":focus-visible")) {
      this.cursor.classList.add("keyed")
    }
  }

  end() {
    clearTimeout(this.timer)
    this.sized.disconnect()
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".world")
  if (!host || !data) return
  if (!canvases.has(host)) canvases.set(host, new Canvas(host))
  const canvas = canvases.get(host)
  canvas.show(data, (told) => setTriggerValue("painted", told))
  return () => {
    canvas.end()
    canvases.delete(host)
  }
}
