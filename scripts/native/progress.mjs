// What the person installing sees: a line a step, and a size that grows while something large arrives.

const PREFIX = 'native TensorFlow:'

/** @param {string} text one line, without a newline */
export function say(text) {
  process.stderr.write(`${PREFIX} ${text}\n`)
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`
}

/**
 * Tells every few seconds how far a long step is; rewrites one line on a terminal, adds lines to a log.
 * @param {string} text what is going on
 * @param {() => string} state how far it is
 * @returns {() => void} stops the telling
 */
export function telling(text, state) {
  const live = process.stderr.isTTY === true
  const tell = () => {
    if (live) process.stderr.write(`\r\u001b[K${PREFIX} ${text}, ${state()}`)
    else say(`${text}, ${state()}`)
  }
  const timer = setInterval(tell, live ? 500 : 5000)
  return () => {
    clearInterval(timer)
    if (live) process.stderr.write('\r\u001b[K')
  }
}
