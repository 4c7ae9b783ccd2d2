const TALLEST = 520
const WIDEST_CELL = 92
// Cells smaller than these show no numbers, and no arrows.
const FOR_NUMBERS = 36
const FOR_ARROWS = 13
const SIDE = 330
const SPEEDS = { "1 a second": 1, "3 a second": 3, "8 a second": 8, "20 a second": 20 }
// Whoever asked for less motion gets no more than this.
const CALM = 2
const SCALE = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"]
  .map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)))
const WAYS = { "↑": [0, -1], "→": [1, 0], "↓": [0, 1], "←": [-1, 0], "↗": [1, -1], "↘": [1, 1], "↙": [-1, 1], "↖": [-1, -1], "•": [0, 0] }

const players = new WeakMap()

function make(parent, name, properties = {}, attributes = {}) {
  const element = Object.assign(document.createElement(name), properties)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  parent.appendChild(element)
  return element
}

function shade(share) {
  const place = Math.min(Math.max(share, 0), 1) * (SCALE.length - 1)
  const low = Math.min(Math.floor(place), SCALE.length - 2)
  return SCALE[low].map((part, n) => Math.round(part + (SCALE[low + 1][n] - part) * (place - low)))
}

function paint(parts) {
  return `rgb(${parts.join(",")})`
}

// Black or white, whichever is read better on a colour.
function ink([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 125 ? "#111" : "#fff"
}

// Two digits behind the point, none where the number is long.
function brief(value) {
  const text = Math.abs(value) >= 1000 ? value.toFixed(0) : Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(2)
  return signed(text)
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1)
}

class Player {
  constructor(host) {
    this.host = host
    this.timer = 0
    this.sized = new ResizeObserver(() => this.wide !== host.clientWidth && this.lay())
    this.sized.observe(host)
    this.build()
  }

  show(data) {
    if (data.id !== this.id) this.take(data)
    this.lay()
  }

  take(data) {
    this.pause()
    this.id = data.id
    this.data = data
    this.model = new Model(data.model)
    this.values = unpacked(data.values)
    this.learnt = data.learnt && unpacked(data.learnt)
    this.untried = new Set(data.untried)
    this.weights = data.weights && unpacked(data.weights)
    // Values in 32 bits round: actions that differ by less than that tie.
    this.tie = data.values.type === "f64" ? 1e-9 : 2e-6
    this.worthOf = new Map()
    this.place = data.episodes.length ? 0 : data.sweeps.length - 1
    // The last walk shows what was learnt.
    this.episode = Math.max(data.episodes.length - 1, 0)
    this.layer = data.layer
    this.chosen = data.chosen
    this.set()
  }

  // The colours span the last values and those of the sweep on the screen.
  extent() {
    const shown = [this.shownValues(this.data.sweeps.length - 1), this.shownValues(this.sweep)]
    let [low, high] = [Infinity, -Infinity]
    for (let state = 0; state < this.model.states; state++) {
      if (this.model.terminal[state] || this.untried.has(state)) continue
      low = Math.min(low, shown[0][state], shown[1][state])
      high = Math.max(high, shown[0][state], shown[1][state])
    }
    return high > low ? [low, high] : [low - 1, high + 1]
  }

  // A single action may be worth more or less than any cell: it has the end of the scale.
  tellScale() {
    const [low, high] = this.range
    let [below, above] = [false, false]
    for (let state = 0; this.isOn("quadrants") && state < this.model.states; state++) {
      if (this.model.terminal[state] || this.untried.has(state)) continue
      below ||= Math.min(...this.actionValues(state)) < low
      above ||= Math.max(...this.actionValues(state)) > high
    }
    this.low.textContent = `${brief(low)}${below ? " and below" : ""}`
    this.high.textContent = `${brief(high)}${above ? " and above" : ""}`
  }

  // --- what is on the screen -----------------------------------------------------------------

  build() {
    const stage = make(this.host, "div", { className: "stage" })
    const map = make(stage, "div", { className: "map" })
    this.canvas = make(map, "canvas", { tabIndex: 0 }, { role: "application" })
    const legend = make(map, "div", { className: "legend" })
    this.low = make(legend, "span")
    const colours = SCALE.map(paint).join(",")
    make(legend, "span", { className: "bar" }).style.background = `linear-gradient(90deg,${colours})`
    this.high = make(legend, "span")
    this.side = make(stage, "div", { className: "side" }, { "aria-live": "polite" })
    this.controls = make(this.host, "div", { className: "controls" })
    this.button("back", "◀ Back", () => this.step(-1))
    this.button("play", "▶ Play", () => (this.timer ? this.pause() : this.play()))
    this.button("forth", "Step ▶", () => this.step(1))
    this.slider = make(this.controls, "input", { type: "range", min: 0, step: 1 })
    this.slider.oninput = () => this.pause() || this.goTo(Number(this.slider.value))
    this.where = make(this.controls, "span", { className: "where" })
    this.speed = this.choice("Speed", Object.keys(SPEEDS))
    this.speed.value = "3 a second"
    this.speed.onchange = () => this.timer && this.play()
    this.episodes = this.choice("Episode", [])
    this.episodes.onchange = () => this.turnTo(Number(this.episodes.value))
    this.layers = this.choice("Layer", [])
    this.layers.onchange = () => this.seeLayer(Number(this.layers.value))
    this.button("quadrants", "Value of each action", () => this.toggle("quadrants"))
    this.button("arrows", "Arrows", () => this.toggle("arrows"))
    this.buttons.arrows.setAttribute("aria-pressed", true)
    this.buttons.quadrants.setAttribute("aria-pressed", false)
    this.canvas.onclick = (event) => this.pick(event)
    this.canvas.onkeydown = (event) => this.press(event)
  }

  button(name, words, action) {
    this.buttons ??= {}
    this.buttons[name] = make(this.controls, "button", { type: "button", textContent: words, onclick: action })
  }

  choice(words, options) {
    const label = make(this.controls, "label", { textContent: words })
    const select = make(label, "select")
    this.options(select, options.map((name) => [name, name]))
    return select
  }

  options(select, pairs) {
    select.replaceChildren(...pairs.map(([value, words]) => new Option(words, value)))
  }

  set() {
    const { episodes, alt } = this.data
    this.canvas.setAttribute("aria-label", alt)
    this.options(this.episodes, episodes.map(({ name }, n) => [n, name]))
    this.episodes.value = this.episode
    this.options(this.layers, this.model.layers.map((name, n) => [n, name]))
    this.episodes.parentElement.hidden = episodes.length < 2
    this.layers.parentElement.hidden = this.model.layers.length < 2
    const moving = this.length > 1
    for (const name of ["back", "play", "forth"]) this.buttons[name].hidden = !moving
    this.slider.hidden = this.where.hidden = this.speed.parentElement.hidden = !moving
    this.slider.max = this.length - 1
    this.slider.setAttribute("aria-label", episodes.length ? "Step" : capital(this.data.counts))
  }

  lay() {
    this.wide = this.host.clientWidth
    if (!this.wide || !this.data) return
    const { rows, columns } = this.model
    const free = this.wide > 2 * SIDE ? this.wide - SIDE - 30 : this.wide
    this.size = Math.min(WIDEST_CELL, (free - 2) / columns, TALLEST / rows)
    const [width, height] = [columns * this.size, rows * this.size]
    const dense = window.devicePixelRatio || 1
    Object.assign(this.canvas, { width: Math.round(width * dense), height: Math.round(height * dense) })
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` })
    this.pen = this.canvas.getContext("2d")
    this.pen.scale(dense, dense)
    const style = getComputedStyle(this.host)
    this.font = style.fontFamily
    this.text = style.getPropertyValue("--st-text-color").trim() || "#222"
    this.ground = style.getPropertyValue("--st-background-color").trim() || "#fff"
    this.accent = style.getPropertyValue("--st-link-color").trim() || "#1F6F78"
    this.draw()
  }

  // --- time ----------------------------------------------------------------------------------

  get length() {
    const { episodes, sweeps } = this.data
    return episodes.length ? episodes[this.episode].states.length : sweeps.length
  }

  get sweep() {
    return this.data.episodes.length ? this.data.sweeps.length - 1 : this.place
  }

  goTo(place) {
    this.place = Math.min(Math.max(place, 0), this.length - 1)
    this.draw()
  }

  step(by) {
    this.pause()
    this.goTo(this.place + by)
  }

  play() {
    const wanted = this.place >= this.length - 1 ? 0 : this.place
    this.pause()
    this.goTo(wanted)
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches
    const speed = Math.min(SPEEDS[this.speed.value], calm ? CALM : Infinity)
    this.timer = setInterval(() => {
      this.goTo(this.place + 1)
      if (this.place >= this.length - 1) this.pause()
    }, 1000 / speed)
    this.buttons.play.textContent = "❚❚ Pause"
    this.side.setAttribute("aria-live", "off")
  }

  pause() {
    clearInterval(this.timer)
    this.timer = 0
    this.buttons.play.textContent = "▶ Play"
    this.side.setAttribute("aria-live", "polite")
  }

  turnTo(episode) {
    this.pause()
    this.episode = episode
    this.slider.max = this.length - 1
    this.goTo(0)
  }

  seeLayer(layer) {
    this.layer = layer
    this.draw()
  }

  toggle(name) {
    const button = this.buttons[name]
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true")
    this.draw()
  }

  isOn(name) {
    return this.buttons[name].getAttribute("aria-pressed") === "true"
  }

  // --- numbers -------------------------------------------------------------------------------

  shownValues(sweep) {
    return this.values.subarray(sweep * this.model.states, (sweep + 1) * this.model.states)
  }

  // As they enter a backup: beyond a terminal nothing follows.
  valuesNow() {
    if (!this.worthOf.has(this.sweep)) {
      const shown = this.shownValues(this.sweep)
      const { terminal, extra, states } = this.model
      const bare = Float64Array.from({ length: states }, (_, s) => shown[s] - (terminal[s] ? extra[s] : 0))
      this.worthOf = new Map([[this.sweep, { bare, actions: new Map() }]])
    }
    return this.worthOf.get(this.sweep)
  }

  actionValues(state) {
    const count = this.model.actions.length
    if (this.learnt) return this.learnt.subarray(state * count, (state + 1) * count)
    const { bare, actions } = this.valuesNow()
    if (!actions.has(state)) {
      actions.set(state, this.model.actions.map((_, action) => this.model.worth(state, action, bare)))
    }
    return actions.get(state)
  }

  best(state) {
    // Who judges a policy wants to see that policy, not what would be better.
    if (this.weights && !this.learnt) {
      return this.model.actions.map((_, n) => this.weights[state * this.model.actions.length + n] > 0)
    }
    const worth = this.actionValues(state)
    const top = Math.max(...worth)
    const near = top - this.tie * Math.max(1, Math.abs(top))
    return this.model.actions.map((_, action) => worth[action] >= near)
  }

  share(value) {
    return (value - this.range[0]) / (this.range[1] - this.range[0])
  }

  // --- the map -------------------------------------------------------------------------------

  draw() {
    if (!this.pen) return
    this.follow()
    this.range = this.extent()
    this.tellScale()
    const { rows, columns } = this.model
    this.pen.clearRect(0, 0, columns * this.size, rows * this.size)
    const solid = new Set(this.data.walls)
    for (let cell = 0; cell < rows * columns; cell++) {
      const state = this.model.stateAt[this.layer].get(cell)
      const [x, y] = [(cell % columns) * this.size, Math.floor(cell / columns) * this.size]
      if (state === undefined) this.drawSolid(x, y, solid.has(cell))
      else this.drawState(x, y, state)
    }
    if (this.data.episodes.length) this.drawTrail()
    if (this.chosen !== null) this.drawChosen()
    this.tell()
  }

  // The layer of an agent that is watched is the one that is seen.
  follow() {
    const episode = this.data.episodes[this.episode]
    if (episode) this.layer = this.model.layer[episode.states[this.place]]
    this.layers.value = this.layer
  }

  // Walls are hatched: no colour of the scale is.
  drawSolid(x, y, wall) {
    const { pen, size } = this
    pen.fillStyle = this.ground
    pen.fillRect(x, y, size, size)
    pen.globalAlpha = wall ? 0.85 : 0.2
    pen.fillStyle = this.text
    pen.fillRect(x, y, size, size)
    pen.globalAlpha = 1
    if (wall) this.hatch(x, y)
    else this.write("✕", x + size / 2, y + size / 2, size * 0.4, this.text)
  }

  hatch(x, y) {
    const { pen, size } = this
    pen.save()
    pen.beginPath()
    pen.rect(x, y, size, size)
    pen.clip()
    pen.strokeStyle = this.ground
    pen.globalAlpha = 0.35
    pen.lineWidth = Math.max(1, size / 24)
    pen.beginPath()
    for (let from = -size; from < size; from += size / 4) {
      pen.moveTo(x + from, y + size)
      pen.lineTo(x + from + size, y)
    }
    pen.stroke()
    pen.restore()
  }

  // What nobody has tried has no colour of the scale either.
  drawUntried(x, y) {
    const { pen, size } = this
    pen.globalAlpha = 0.12
    pen.fillStyle = this.text
    pen.fillRect(x, y, size, size)
    pen.globalAlpha = 1
    this.write("?", x + size / 2, y + size / 2, Math.min(size * 0.4, 18), this.text)
  }

  drawState(x, y, state) {
    const { pen, size } = this
    const value = this.shownValues(this.sweep)[state]
    if (this.model.terminal[state]) return this.drawTerminal(x, y, this.data.marks[this.model.cell[state]])
    if (this.untried.has(state)) return this.drawUntried(x, y)
    const colour = shade(this.share(value))
    pen.fillStyle = paint(colour)
    pen.fillRect(x, y, size, size)
    const quadrants = this.isOn("quadrants")
    if (quadrants) this.drawActions(x, y, state)
    pen.strokeStyle = this.ground
    pen.lineWidth = 1
    pen.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1)
    const numbers = size >= FOR_NUMBERS && !quadrants
    // Where each action has a tile of its own, the best ones are framed instead.
    const arrows = this.isOn("arrows") && size >= FOR_ARROWS && !(quadrants && !this.hasTriangles)
    if (numbers) this.write(brief(value), x + size / 2, y + size * (arrows ? 0.26 : 0.5), Math.min(size * 0.23, 15), ink(colour))
    if (arrows) this.drawArrows(x, y, state, quadrants, ink(colour), numbers)
  }

  // A terminal has no value to be learnt; what it pays says more.
  drawTerminal(x, y, mark) {
    const { pen, size } = this
    const inset = Math.max(1.5, size * 0.07)
    pen.fillStyle = this.ground
    pen.fillRect(x, y, size, size)
    pen.strokeStyle = this.text
    pen.lineWidth = 1.5
    pen.strokeRect(x + inset, y + inset, size - 2 * inset, size - 2 * inset)
    if (size >= FOR_NUMBERS) this.write(mark ?? "end", x + size / 2, y + size / 2, Math.min(size * 0.25, 16), this.text)
  }

  write(text, x, y, wanted, colour, room = 0.92) {
    const { pen } = this
    const letters = (size) => (pen.font = `${size}px ${this.font}`)
    letters(wanted)
    // Long numbers shrink rather than run over the border.
    const share = (room * this.size) / pen.measureText(text).width
    if (share < 1) letters(wanted * share)
    pen.textAlign = "center"
    pen.textBaseline = "middle"
    pen.fillStyle = colour
    pen.fillText(text, x, y)
  }

  drawActions(x, y, state) {
    const [worth, best, four] = [this.actionValues(state), this.best(state), this.hasTriangles]
    const small = this.size < 1.6 * FOR_NUMBERS
    this.model.arrows.forEach((sign, action) => {
      const colour = shade(this.share(worth[action]))
      this.pen.fillStyle = paint(colour)
      const [across, down] = four ? this.triangle(x, y, WAYS[sign]) : this.tile(x, y, sign, action)
      const letters = four ? Math.min(this.size * 0.135, 13) : this.size * 0.11
      if (!four && best[action]) this.drawRing(across, down, ink(colour))
      const room = four && WAYS[sign][0] ? 0.36 : four ? 0.5 : 0.3
      if (!small) this.write(brief(worth[action]), across, down, letters, ink(colour), room)
    })
  }

  get hasTriangles() {
    const { arrows } = this.model
    return arrows.length === 4 && arrows.every((sign) => sign in WAYS)
  }

  drawRing(x, y, colour) {
    const third = this.size / 3
    this.pen.strokeStyle = colour
    this.pen.lineWidth = Math.max(1, this.size * 0.025)
    this.pen.strokeRect(x - third * 0.38, y - third * 0.38, third * 0.76, third * 0.76)
  }

  triangle(x, y, [right, down]) {
    const { pen, size } = this
    const half = size / 2
    const [centreX, centreY] = [x + half, y + half]
    pen.beginPath()
    pen.moveTo(centreX, centreY)
    pen.lineTo(centreX + half * (right - down), centreY + half * (down - right))
    pen.lineTo(centreX + half * (right + down), centreY + half * (down + right))
    pen.fill()
    pen.strokeStyle = this.ground
    pen.lineWidth = 0.6
    pen.stroke()
    return [centreX + right * size * 0.3, centreY + down * size * 0.36]
  }

  // Nine tiles a cell: each action on its side, others in the corners.
  tile(x, y, sign, action) {
    const free = [[-1, -1], [1, -1], [-1, 1], [1, 1], [0, 0]]
    const [right, down] = WAYS[sign] ?? free[action % free.length]
    const third = this.size / 3
    const [left, top] = [x + (right + 1) * third, y + (down + 1) * third]
    this.pen.fillRect(left, top, third, third)
    return [left + third / 2, top + third / 2]
  }

  drawArrows(x, y, state, quadrants, colour, numbers) {
    const { size } = this
    const centre = [x + size / 2, y + size * (numbers ? 0.64 : 0.5)]
    const length = size * (quadrants ? 0.11 : numbers ? 0.24 : 0.34)
    let spare = 0
    const best = this.best(state)
    const alone = best.filter(Boolean).length === 1
    best.forEach((is, action) => {
      if (!is) return
      const sign = this.model.arrows[action]
      const way = WAYS[sign]
      if (way && (way[0] || way[1])) this.drawArrow(centre, way, length, quadrants ? "#fff" : colour, alone, quadrants)
      else this.write(sign, centre[0] + (spare++ - 0.5) * size * 0.2, centre[1], size * 0.26, colour)
    })
  }

  // One that is alone goes through the middle; several that tie leave from there.
  drawArrow([middleX, middleY], [right, down], length, colour, alone, outlined) {
    const { pen } = this
    const unit = Math.hypot(right, down)
    const [dx, dy] = [right / unit, down / unit]
    const shift = alone ? length / 2 : 0
    const [x, y] = [middleX - dx * shift, middleY - dy * shift]
    const [endX, endY] = [x + dx * length, y + dy * length]
    const head = Math.min(length * 0.42, 7)
    const path = new Path2D(
      `M ${x} ${y} L ${endX} ${endY} M ${endX - head * (dx + 0.7 * dy)} ${endY - head * (dy - 0.7 * dx)} ` +
        `L ${endX} ${endY} L ${endX - head * (dx - 0.7 * dy)} ${endY - head * (dy + 0.7 * dx)}`,
    )
    pen.lineCap = pen.lineJoin = "round"
    if (outlined) {
      pen.strokeStyle = "#000"
      pen.lineWidth = 4.5
      pen.stroke(path)
    }
    pen.strokeStyle = colour
    pen.lineWidth = Math.min(Math.max(1.2, this.size * 0.03), 2.2)
    pen.stroke(path)
  }

  centreOf(cell) {
    const { columns } = this.model
    return [((cell % columns) + 0.5) * this.size, (Math.floor(cell / columns) + 0.5) * this.size]
  }

  drawTrail() {
    const { pen, size } = this
    const states = this.data.episodes[this.episode].states.slice(0, this.place + 1)
    const way = states.map((state) => this.centreOf(this.model.cell[state]))
    for (const [colour, width] of [["#fff", size * 0.11], ["#c616ac", size * 0.06]]) {
      pen.strokeStyle = colour
      pen.lineWidth = Math.max(1.5, width)
      pen.lineJoin = pen.lineCap = "round"
      pen.beginPath()
      way.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)))
      pen.stroke()
    }
    const [x, y] = way[way.length - 1]
    pen.beginPath()
    pen.arc(x, y, Math.max(3, size * 0.2), 0, 2 * Math.PI)
    pen.fillStyle = "#c616ac"
    pen.fill()
    pen.strokeStyle = "#fff"
    pen.lineWidth = 2.5
    pen.stroke()
  }

  drawChosen() {
    const [x, y] = this.centreOf(this.chosen).map((middle) => middle - this.size / 2)
    const { pen, size } = this
    for (const [colour, width, inset] of [["#fff", 5, 2.5], [this.accent, 2.5, 2.5]]) {
      pen.strokeStyle = colour
      pen.lineWidth = width
      pen.strokeRect(x + inset, y + inset, size - 2 * inset, size - 2 * inset)
    }
  }

  // --- a cell --------------------------------------------------------------------------------

  pick(event) {
    const box = this.canvas.getBoundingClientRect()
    const column = Math.floor((event.clientX - box.left) / this.size)
    const row = Math.floor((event.clientY - box.top) / this.size)
    this.look(row, column)
  }

  press(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
    if (!(event.key in moves)) return
    event.preventDefault()
    const { columns } = this.model
    const [row, column] = this.chosen === null ? [0, 0] : [Math.floor(this.chosen / columns), this.chosen % columns]
    const [down, right] = this.chosen === null ? [0, 0] : moves[event.key]
    this.look(row + down, column + right)
  }

  look(row, column) {
    const { rows, columns } = this.model
    this.chosen = Math.min(Math.max(row, 0), rows - 1) * columns + Math.min(Math.max(column, 0), columns - 1)
    this.draw()
  }

  tell() {
    const { counts, sweeps, episodes, notes } = this.data
    this.slider.value = this.place
    this.buttons.back.disabled = this.place === 0
    this.buttons.forth.disabled = this.place >= this.length - 1
    const note = notes[this.place] ? ` · ${notes[this.place]}` : ""
    this.where.textContent = episodes.length
      ? `Step ${this.place} of ${this.length - 1}`
      : `${capital(counts)} ${sweeps[this.place]} of ${sweeps[sweeps.length - 1]}${note}`
    this.side.replaceChildren()
    if (episodes.length) this.tellStep(episodes[this.episode])
    if (this.chosen !== null) this.tellCell()
    else make(this.side, "p", { textContent: this.data.hint })
  }

  tellStep({ states, actions, rewards }) {
    const sum = rewards.slice(0, this.place).reduce((total, one) => total + one, 0)
    const last = this.place ? `${actions[this.place - 1]}, reward ${precise(rewards[this.place - 1])}` : "At the start"
    make(this.side, "h4", { textContent: `Step ${this.place}: ${last}` })
    make(this.side, "p", { textContent: `Rewards so far: ${precise(sum)}` })
  }

  tellCell() {
    const { columns, actions } = this.model
    const [row, column] = [Math.floor(this.chosen / columns), this.chosen % columns]
    make(this.side, "h4", { textContent: `Row ${row}, column ${column}` })
    const state = this.model.stateAt[this.layer].get(this.chosen)
    if (state === undefined) {
      make(this.side, "p", { textContent: "Nobody can stand here." })
      return
    }
    const value = this.shownValues(this.sweep)[state]
    make(this.side, "p", { textContent: `Value ${precise(value)}` })
    if (this.untried.has(state)) {
      make(this.side, "p", { textContent: "No agent has acted here: this is the value it began with." })
      return
    }
    if (this.model.terminal[state]) {
      make(this.side, "p", { textContent: "A terminal: the episode ends here." })
      return
    }
    const list = make(this.side, "dl")
    const { bare } = this.valuesNow()
    const best = this.best(state)
    const tied = best.filter(Boolean).length > 1
    actions.forEach((name, action) => {
      const found = this.weights && !this.learnt ? " – taken" : tied ? " – best, tied" : " – best"
      const mark = best[action] ? found : ""
      const term = `${this.model.arrows[action]} ${name}${mark}`
      make(list, "dt", { textContent: term, className: best[action] ? "best" : "" })
      const learnt = this.learnt ? `learnt ${precise(this.actionValues(state)[action])}; by the equation ` : ""
      make(list, "dd", { textContent: learnt + this.model.formula(state, action, bare, (cell) => this.paid(cell)) }, { "data-action": name })
    })
    this.tellSum(state, bare, value)
    this.tellEnd(state)
  }

  // What is not in the formula, where the episode ends.
  tellEnd(state) {
    const { actions, cell } = this.model
    const endings = actions.flatMap((_, action) => this.model.endings(state, action))
    if (!endings.length) return
    const paid = endings.find(({ to }) => this.paid(cell[to]) !== undefined)
    const instead = paid && Math.abs(paid.reward - this.paid(cell[paid.to])) < 1e-12
    const how = instead ? "in place of" : "besides"
    const words = paid ? `, and what the terminal pays stands ${how} a step's reward` : ""
    make(this.side, "p", { textContent: `At a terminal the episode ends: nothing follows${words}.`, className: "end" })
  }

  // What a cell pays as a terminal, where it is one that pays.
  paid(cell) {
    const mark = this.data.marks[cell]
    return mark === undefined ? undefined : Number(mark.replace("−", "-"))
  }

  // How the values of the actions make the new value of the cell.
  tellSum(state, bare, shown) {
    const worth = this.model.actions.map((_, action) => this.model.worth(state, action, bare))
    const bracketed = (value) => (value < 0 ? `(${precise(value)})` : precise(value))
    let words
    if (this.weights) {
      const shares = [...this.weights.subarray(state * worth.length, (state + 1) * worth.length)]
      const used = worth.map((value, n) => [shares[n], value]).filter(([share]) => share > 0)
      const sum = used.reduce((total, [share, value]) => total + share * value, 0)
      const terms = used.map(([share, value]) => `${precise(share)}·${bracketed(value)}`)
      words = `By the policy: ${terms.join(" + ")} = ${precise(sum)}`
      if (precise(sum) !== precise(shown)) words += ", which the next sweep makes of it."
    } else {
      const top = precise(Math.max(...worth))
      // A round of another kind does more than one backup.
      const next = !this.learnt && this.data.counts !== "round" && top !== precise(shown)
      words = next ? `The next ${this.data.counts} makes it the largest of them: ${top}` : `The largest of them: ${top}`
    }
    make(this.side, "p", { textContent: words, className: "sum" })
  }

  end() {
    this.pause()
    this.sized.disconnect()
  }
}

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".player")
  if (!host || !data) return
  if (!players.has(host)) players.set(host, new Player(host))
  const player = players.get(host)
  player.show(data)
  return () => {
    player.end()
    players.delete(host)
    host.replaceChildren()
  }
}
