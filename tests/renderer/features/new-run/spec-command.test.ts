import { execFileSync } from 'node:child_process'
import { Command } from 'commander'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { addTaskCommands } from '@main/shells/cli/task-commands'
import { TASKS } from '@shared/tasks'
import { commandOf, fitsCommand } from '@shared/tasks/spec-command'
import type { TaskSpec } from '@shared/domain/task-spec'
import { TASK_LIST } from '@shared/tasks'
import type { AnyTask } from '@shared/tasks'

const performed = vi.hoisted(() => [] as { spec: unknown; out: string }[])
vi.mock('@main/shells/cli/train-spec', () => ({
  trainAndReport: (spec: unknown, out: string) => {
    performed.push({ spec, out })
    return Promise.resolve(0)
  }
}))

/** What a person's shell makes of a line, then what the command line makes of its words. */
async function readBack(line: string): Promise<{ spec: unknown; out: string }> {
  const printed = execFileSync('sh', ['-c', `bilevel() { printf '%s\\0' "$@"; }; ${line}`], {
    encoding: 'utf8'
  })
  const program = new Command('bilevel').exitOverride().configureOutput({ writeErr: () => undefined })
  addTaskCommands(program, () => undefined)
  for (const command of program.commands) command.copyInheritedSettings(program)
  await program.parseAsync(printed.split('\0').slice(0, -1), { from: 'user' })
  return performed.pop()!
}

/** As the window makes them. */
function defaultsOf({ schema }: AnyTask): Record<string, unknown> {
  return schema.partial().parse({})
}

const AWKWARD = `it's "my" data $HOME \`x\` \\ * #train[0:10]+b; é`

interface Property {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Property
}

/** A value that a field takes and that is not its default. */
function unusual(name: string, { type, enum: choices, default: usual, ...rest }: Property): unknown {
  if (name === 'model') return choices?.[0] ?? 'svhn-cnn'
  if (choices) return choices.find((choice) => choice !== usual)
  if (type === 'boolean') return usual !== true
  if (type === 'integer') return Math.min(Math.max(rest.minimum ?? 0, 0) + 7, rest.maximum ?? Infinity)
  if (type === 'number') {
    if (rest.maximum !== undefined && rest.maximum < 10) return rest.maximum / 4
    return rest.minimum === undefined && name === 'nu' ? -0.25 : (rest.minimum ?? 0) + 1e-7
  }
  if (type === 'array') {
    const one = unusual('', rest.items ?? {})
    return [one, one]
  }
  return AWKWARD
}

const parsed = (card: AnyTask, values: Record<string, unknown>): TaskSpec =>
  card.schema.parse({ task: card.task, ...values }) as unknown as TaskSpec

function dataOf(card: AnyTask, reference: string): Record<string, unknown> {
  return Object.fromEntries(card.roles.map(({ field }) => [field, reference]))
}

describe.each(TASK_LIST)('the command copied from the form of $task', (card) => {
  const { properties = {} } = z.toJSONSchema(card.schema, { io: 'input', unrepresentable: 'any' })
  const fields = Object.entries(properties as Record<string, Property>).filter(
    ([name, { type, items }]) => name !== 'task' && type !== 'object' && items?.type !== 'object'
  )

  test.each(TASKS[card.task].presets.map(({ name, values }) => [name, values] as const))(
    'with the preset %s is the same run, and short',
    async (_, values) => {
      const spec = parsed(card, { ...dataOf(card, 'photos#train[0:100]'), ...values })
      const line = commandOf(spec, 'absent', defaultsOf(card))
      expect(await readBack(line)).toEqual({ spec, out: expect.stringMatching(/absent$/) })
      // One flag for each role, each value of the preset that differs from the default, and the output folder.
      const differing = Object.entries(values).filter(([name, value]) => value !== defaultsOf(card)[name])
      expect(line.match(/ --/g)).toHaveLength(card.roles.length + differing.length + 1)
    }
  )

  test('with every setting changed is the same run', async () => {
    const values = Object.fromEntries(fields.map(([name, property]) => [name, unusual(name, property)]))
    const spec = parsed(card, values)
    expect(fitsCommand(spec)).toBe(true)
    const usual = defaultsOf(card)
    const changed = fields.filter(([name]) => name !== 'model' || card.task !== 'few-shot')
    for (const [name] of changed) expect(spec).not.toHaveProperty(name, usual[name] ?? Symbol('no default'))
    expect((await readBack(commandOf(spec, AWKWARD.replaceAll('/', ''), usual))).spec).toEqual(spec)
  })

  test('with the defaults written out is the same run', async () => {
    const spec = parsed(card, dataOf(card, AWKWARD))
    expect((await readBack(commandOf(spec, 'absent'))).spec).toEqual(spec)
  })
})

test('known commands', () => {
  const [denoising, poisoning] = TASK_LIST as [AnyTask, AnyTask, ...AnyTask[]]
  const spec = parsed(denoising, {
    train: 'photos.zip#train',
    trusted: "my dad's#trusted",
    model: 'mlp',
    hiddenSizes: [30, 20],
    epsilon0: 0.5,
    lrUpper: 1e-5,
    momentsPerExample: false
  })
  expect(commandOf(spec, 'my result', defaultsOf(denoising))).toBe(
    "bilevel denoise --train 'photos.zip#train' --trusted 'my dad'\\''s#trusted' --model mlp --hidden-sizes 30,20 " +
      "--lr-upper 0.00001 --epsilon-0 0.5 --no-moments-per-example --out 'my result'"
  )
  const attack = parsed(poisoning, { train: 'a', validation: 'b', defend: true, epsilonL2: 2, victims: [] })
  expect(commandOf(attack, 'out', defaultsOf(poisoning))).toBe(
    "bilevel poison --train a --validation b --epsilon-l2 2 --victims '' --defend --out out"
  )
})

test('an empty list is an empty list', async () => {
  const spec = parsed(TASK_LIST[1]!, { train: 'a', validation: 'b', victims: [], budgets: [] })
  expect((await readBack(commandOf(spec, 'absent'))).spec).toEqual(spec)
})

test('what a review decided fits into a file only', () => {
  const spec = parsed(TASK_LIST[0]!, { train: 'a', trusted: 'b', dropped: [1, 2] })
  expect(fitsCommand(spec)).toBe(true)
  expect(fitsCommand(parsed(TASK_LIST[0]!, { train: 'a', trusted: 'b', corrections: { 3: 1 } }))).toBe(false)
})
