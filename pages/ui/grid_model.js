// What moves do, as mlcore.gridworld.model.Model has it: action values and their formulas.

const TYPES = { f64: Float64Array, f32: Float32Array, i32: Int32Array, u8: Uint8Array }

function unpacked({ type, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
  return new TYPES[type](bytes.buffer)
}

// Four digits are enough to follow a sum, two to read a map.
function precise(value, digits = 4) {
  if (!Number.isFinite(value)) return "–"
  const text = Math.abs(value) >= 10000 ? value.toFixed(0) : String(Number(value.toPrecision(digits)))
  return signed(text)
}

// With a real minus, and none before a zero.
function signed(text) {
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−")
}

class Model {
  constructor(plain) {
    Object.assign(this, plain)
    for (const name of ["landing", "reward", "ends", "slip", "terminal", "cell", "layer", "extra"]) {
      this[name] = unpacked(plain[name])
    }
    this.states = this.cell.length
    this.stateAt = this.layers.map(() => new Map())
    this.cell.forEach((cell, state) => this.stateAt[this.layer[state]].set(cell, state))
  }

  // What may come of an action, the likeliest first, alike ones put together.
  outcomes(state, action) {
    const found = new Map()
    for (let move = 0; move < this.actions.length; move++) {
      const slip = this.slip[state]
      const chance = (1 - slip) * (move === action) + slip * this.astray[action][move]
      if (!chance) continue
      const at = move * this.states + state
      const key = `${this.landing[at]} ${this.reward[at]} ${this.ends[at]}`
      const known = found.get(key)
      if (known) known.chance += chance
      else found.set(key, { chance, to: this.landing[at], reward: this.reward[at], ends: this.ends[at] })
    }
    return [...found.values()].sort((a, b) => b.chance - a.chance)
  }

  // The sum of the outcomes; written out because a map of cells asks for it thousands of times.
  worth(state, action, values) {
    const [slip, astray] = [this.slip[state], this.astray[action]]
    let sum = 0
    for (let move = 0; move < this.actions.length; move++) {
      const chance = (1 - slip) * (move === action) + slip * astray[move]
      if (!chance) continue
      const at = move * this.states + state
      sum += chance * (this.reward[at] + (this.ends[at] ? 0 : this.discount * values[this.landing[at]]))
    }
    return sum
  }

  // Where an action may end the episode: the terminals, and what getting there pays.
  endings(state, action) {
    return this.outcomes(state, action).filter(({ ends }) => ends)
  }

  // "0.8·(−0.04 + 0.9·0.918) + 0.1·(…) = 0.66"; `paid` says what a cell pays as a terminal.
  formula(state, action, values, paid) {
    const found = this.outcomes(state, action)
    const last = (to, reward) => {
      const own = paid(this.cell[to])
      const step = own === undefined ? 0 : reward - own
      return Math.abs(step) < 1e-12 ? precise(reward) : `${precise(step)} + ${precise(own)}`
    }
    const terms = found.map(({ chance, to, reward, ends }) => {
      const worth = values[to] < 0 ? `(${precise(values[to])})` : precise(values[to])
      const inside = ends ? last(to, reward) : `${precise(reward)} + ${precise(this.discount)}·${worth}`
      return found.length > 1 ? `${precise(chance)}·(${inside})` : inside
    })
    return `${terms.join(" + ")} = ${precise(this.worth(state, action, values))}`
  }
}
