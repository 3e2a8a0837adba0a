// Loaded into the product's processes by bench/start.ts: notes in the file that BILEVEL_BENCH_MARKS names when each
// of them gets how far. Whatever it notes, the product does as ever.
import childProcess from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

const file = process.env.BILEVEL_BENCH_MARKS

function mark(what) {
  const { user, system } = process.cpuUsage()
  const at = performance.timeOrigin + performance.now()
  const memory = process.memoryUsage().rss
  appendFileSync(
    file,
    `${JSON.stringify({ pid: process.pid, what, at, cpu: (user + system) / 1000, memory })}\n`
  )
}

// Threads of a process are no processes of the product.
if (file && process.argv[1]) {
  mark('booted')
  const { fork } = childProcess
  childProcess.fork = (...order) => {
    mark('forks')
    return fork(...order)
  }
  syncBuiltinESMExports()
  const { dlopen, send } = process
  process.dlopen = (...order) => {
    dlopen.apply(process, order)
    mark(`loaded ${path.basename(order[1])}`)
  }
  let hasStepped = false
  if (send) {
    process.send = (message, ...order) => {
      const isStep = message.type === 'events' && message.events.some(({ type }) => type === 'metric')
      if (message.type === 'valid' || message.type === 'ready') mark(message.type)
      if (isStep && !hasStepped) mark('first step')
      hasStepped ||= isStep
      return send.call(process, message, ...order)
    }
  }
}
