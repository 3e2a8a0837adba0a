import type { Command } from 'commander'
import { badInput } from '../../../shared/domain/failure'
import { reviewerName } from '../../../shared/domain/reviewer-name'
import type { Reviewers } from '../../../shared/domain/reviewer'
import { agreementWords } from '../../../shared/words/agreement'
import { count, counted } from '../../../shared/words/numbers'
import { withAskedWorkspace } from './asked-workspace'
import { addCommonOptions, print, printJson } from './common-options'
import type { CommonOptions } from './common-options'
import type { Finish } from './exit-codes'
import { table } from './table'

interface PartFlags extends CommonOptions {
  readonly to?: string
  readonly count: string
  readonly shared: string
}

/** Several people who review one run: who judged what, how far they agree, and what each has to do. */
export function addReviewCommands(program: Command, finish: Finish): void {
  const reviews = program.command('reviews').description('who reviews a run, and how far they agree')
  addCommonOptions(
    reviews.command('show').argument('<run>').description('who judged what, what is disputed, agreement')
  )
    .addHelpText(
      'after',
      "\nThe disputed ones: bilevel datasets find photos --where 'decision = disputed' --run <run>; those of Ada: --where 'assigned = Ada'"
    )
    .action(async (run: string, options: CommonOptions) => {
      const { runReviewers } = await import('../../api/run-reviewers')
      const found = await withAskedWorkspace(options, (context) => runReviewers(context, run))
      if (options.json) printJson({ run, ...found })
      else print(described(found))
      finish(0)
    })
  addCommonOptions(
    reviews
      .command('assign')
      .argument('<run>')
      .description('give people parts of the flagged examples, the most suspicious first')
  )
    .option('--to <names>', 'to whom, parted by commas (required)')
    .option('--count <n>', 'examples for each of them', '50')
    .option('--shared <n>', 'how many of these are the same for all, so that agreement can be told', '0')
    .addHelpText('after', '\nExample:\n  bilevel reviews assign <run> --to Ada,Ben --count 50 --shared 20')
    .action(async (run: string, options: PartFlags) => {
      const order = {
        to: namesOf('--to', options.to),
        count: integerOf('--count', options.count, 1),
        shared: integerOf('--shared', options.shared, 0)
      }
      const { assignParts } = await import('../../api/run-reviewers')
      const parts = await withAskedWorkspace(options, (context) =>
        assignParts(context, run, order, context.workspace.user)
      )
      const assigned = parts.map(({ name, rows }) => ({ name, examples: rows.length }))
      if (options.json) printJson({ run, assigned })
      else for (const { name, examples } of assigned) print(`${name}: ${counted(examples, 'example')}`)
      finish(0)
    })
  addCommonOptions(
    reviews.command('unassign').argument('<run>').description("take people's parts back; verdicts stay")
  )
    .option('--from <names>', 'from whom, parted by commas (required)')
    .action(async (run: string, options: CommonOptions & { from?: string }) => {
      const names = namesOf('--from', options.from)
      const { reviewable } = await import('../../api/run-results')
      const taken = await withAskedWorkspace(options, async (context) => {
        const { id } = reviewable(context, run)
        return names.map((name) => ({ name, examples: context.workspace.reviewParts.take(id, name).length }))
      })
      if (options.json) printJson({ run, taken })
      else
        for (const { name, examples } of taken) print(`${name}: ${counted(examples, 'example')} taken back`)
      finish(0)
    })
}

function described({ people, disputed, agreement }: Reviewers): string {
  if (people.length === 0) return 'Nobody has judged an example of this run by itself yet.'
  const rows = people.map(({ name, judged, assigned, done }) => [
    name,
    count(judged),
    assigned.length === 0 ? '' : `${count(done)} of ${count(assigned.length)}`
  ])
  return [
    table(['who', 'judged', 'of the part'], rows),
    ...(people.length > 1 ? ['', `${counted(disputed.length, 'example')} disputed`] : []),
    ...agreement.map(agreementWords)
  ].join('\n')
}

/** @throws Failure bad-input */
function namesOf(flag: string, text: string | undefined): string[] {
  if (text === undefined) throw badInput(`${flag} is missing.`, `Name somebody: ${flag} Ada,Ben.`)
  return text.split(',').map((name) => {
    const result = reviewerName.safeParse(name)
    if (result.success) return result.data
    throw badInput(
      `${flag}: "${name.trim().slice(0, 80)}" is no name.`,
      'Take 1 to 60 characters that can be seen; commas part several.'
    )
  })
}

/** @throws Failure bad-input */
function integerOf(flag: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= 1_000_000) return value
  throw badInput(`${flag} is "${text}".`, `Give a whole number from ${least} to 1000000.`)
}
