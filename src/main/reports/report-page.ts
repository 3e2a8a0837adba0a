import { dataSentences, resultSentences, TASKS } from '../../shared/tasks'
import type { ReportOf } from '../../shared/domain/report'
import { agreementWords } from '../../shared/words/agreement'
import { count, counted, duration, moment, percent } from '../../shared/words/numbers'
import { html, Markup } from './html'
import type { ReportedChange, ReportedExample, ReportFacts } from './report-facts'
import { STYLE } from './report-style'

const CLASSIFIERS = {
  trustedOnly: 'trained on the trusted alone',
  noisy: 'trained on everything as given',
  bilevel: 'learned by the run itself',
  cleaned: 'trained on what was kept'
} as const

/** Of an example of a table: more are set in columns beside each other. */
const MANY_CELLS = 8

/**
 * A report as one HTML file that needs nothing else: no script, no network (its own policy forbids both), pictures
 * inside. All data in it are text.
 */
export function reportPage(facts: ReportFacts): string {
  const { name, report, madeAt, version } = facts
  const [headline = '', ...sentences] = resultSentences(report)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${name} · report</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <h1>${name}</h1>
          <p class="soft">${taskName(facts)} · Bilevel Workbench ${version} · ${moment(madeAt)}</p>
          <h2>What was looked for, and found</h2>
          ${taskText(facts)}
          <p class="headline">${headline}</p>
          ${dataSentences(report).map((sentence) => html`<p class="soft">${sentence}</p>`)}
          ${report.advice.map((sentence) => html`<p class="soft">${sentence}</p>`)}
          ${report.task === 'denoising' ? findings(report, sentences) : undefined} ${examples(facts.worst)}
          ${report.task === 'denoising' ? decisions(facts) : undefined} ${repetition(facts)}
        </main>
      </body>
    </html> `
  return page.text
}

function taskName({ report }: ReportFacts): string {
  return report.task === 'other-version' ? 'A run of another version' : TASKS[report.task].title
}

function taskText({ report }: ReportFacts): Markup | undefined {
  return report.task === 'other-version' ? undefined : html`<p>${TASKS[report.task].text}</p>`
}

/** How well errors are found on this data, and what a classifier gains. */
function findings({ metrics }: ReportOf<'denoising'>, sentences: readonly string[]): Markup {
  const { expected, planted, testAccuracy, recommendation } = metrics
  const counts =
    expected &&
    ([
      ['among those flagged', expected.flagged],
      ['among the others', expected.kept],
      ['in all', expected.all]
    ] as const)
  const accuracies = (Object.keys(CLASSIFIERS) as (keyof typeof CLASSIFIERS)[]).flatMap((name) => {
    const value = testAccuracy[name]
    return value === null ? [] : [{ name, value }]
  })
  return html`<h2>How well errors are found on this data</h2>
    ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
    ${planted || metrics.detection ? undefined : html`<p class="soft">No errors were planted in this run: how many it finds is not measured.</p>`}
    ${
      counts
        ? html`<table>
            <thead>
              <tr>
                <th>wrong labels expected</th>
                <th class="number">count</th>
                <th class="number">90 % interval</th>
              </tr>
            </thead>
            <tbody>
              ${counts.map(
                ([where, { expected: about, low, high }]) =>
                  html`<tr>
                    <td>${where}</td>
                    <td class="number">${count(Math.round(about))}</td>
                    <td class="number">${count(low)} to ${count(high)}</td>
                  </tr>`
              )}
            </tbody>
          </table>`
        : undefined
    }
    ${
      accuracies.length > 0
        ? html`<table>
            <thead>
              <tr>
                <th>classifier</th>
                <th class="number">accuracy on the test data</th>
              </tr>
            </thead>
            <tbody>
              ${accuracies.map(
                ({ name, value }) =>
                  html`<tr>
                    <td>${CLASSIFIERS[name]}</td>
                    <td class="number">${percent(value)}</td>
                  </tr>`
              )}
            </tbody>
          </table>`
        : undefined
    }
    <p>To take: the classifier ${CLASSIFIERS[recommendation.classifier]}. ${recommendation.reason}</p>`
}

function examples(worst: readonly ReportedExample[]): Markup | undefined {
  if (worst.length === 0) return undefined
  const arePictures = worst.some(({ picture }) => picture !== undefined)
  const cells = Math.max(0, ...worst.map((one) => one.cells?.length ?? 0))
  // Two cards of many cells would fill a page, half of it empty.
  const look = arePictures ? '' : cells > MANY_CELLS ? ' rows wide' : cells === 1 ? ' rows text' : ' rows'
  return html`<h2>The ${count(worst.length)} most suspicious examples</h2>
    <div class="examples${look}">${worst.map(example)}</div>`
}

function example({ row, file, given, suggested, score, decision, picture, cells }: ReportedExample): Markup {
  const isSmall = picture?.startsWith('data:image/png') === true
  return html`<figure>
    ${picture === undefined ? undefined : html`<img src="${picture}" class="${isSmall ? 'small' : ''}" alt="Example ${row}, labelled ${given}" />`}
    <figcaption>
      <strong>${given}</strong>${suggested === given ? '' : ` → ${suggested}`}<br />
      <span class="soft">${file ?? `row ${row}`} · score ${score.toFixed(3)}</span
      >${decision === undefined ? undefined : html`<br />${decision}`}
    </figcaption>
    ${
      cells === undefined
        ? undefined
        : html`<dl>
            ${cells.map(
              ({ name, text }) =>
                html`<div>
                  <dt>${name}</dt>
                  <dd>${text}</dd>
                </div>`
            )}
          </dl>`
    }
  </figure>`
}

function decisions({ decided, undecided, changes, reviewers }: ReportFacts): Markup {
  const { kept, dropped, relabelled } = decided
  const nothing = kept + dropped + relabelled === 0
  return html`<h2>What was decided</h2>
    ${
      nothing
        ? html`<p>Nobody has decided about any example yet.</p>`
        : html`<p>
            ${counted(relabelled, 'label')} corrected, ${counted(dropped, 'example')} left out,
            ${counted(kept, 'label')} looked at and kept.
          </p>`
    }
    <p>${counted(undecided, 'flagged example')} ${undecided === 1 ? 'is' : 'are'} not decided.</p>
    ${reviewers && reviewerTable(reviewers)}
    ${changes.length === 0 ? undefined : changeTable(changes, dropped + relabelled)}`
}

function reviewerTable({ people, agreement, disputed }: NonNullable<ReportFacts['reviewers']>): Markup {
  return html`<table>
      <thead>
        <tr>
          <th>reviewer</th>
          <th class="number">judged one by one</th>
        </tr>
      </thead>
      <tbody>
        ${people.map(
          ({ name, judged }) =>
            html`<tr>
              <td>${name}</td>
              <td class="number">${count(judged)}</td>
            </tr>`
        )}
      </tbody>
    </table>
    ${agreement.map((one) => html`<p>${agreementWords(one)}</p>`)}
    <p>
      ${
        disputed.length === 0
          ? 'Nothing is disputed.'
          : `${counted(disputed.length, 'example')} still disputed: of these the latest decision counts.`
      }
    </p>`
}

function changeTable(changes: readonly ReportedChange[], all: number): Markup {
  return html`<table>
      <thead>
        <tr>
          <th>example</th>
          <th>given</th>
          <th>now</th>
          <th>by</th>
          <th>when</th>
        </tr>
      </thead>
      <tbody>
        ${changes.map(
          ({ row, file, given, label, by, at }) =>
            html`<tr>
              <td>${file ?? row}</td>
              <td>${given}</td>
              <td>${label ?? 'left out'}</td>
              <td>${by}</td>
              <td>${at === '' ? '' : moment(at)}</td>
            </tr>`
        )}
      </tbody>
    </table>
    ${changes.length < all ? html`<p class="soft">and ${count(all - changes.length)} more: an export's manifest.json has all.</p>` : undefined}`
}

function repetition({ report, command, spec, hashes, version }: ReportFacts): Markup {
  const { backend, seed, timing, method, model } = report
  return html`<h2>How to repeat it</h2>
    <p>
      Method ${method}, model ${model}, seed ${seed}, on ${backend.name} ${backend.version}
      (${backend.device}), Bilevel Workbench ${version}; ${duration(timing.seconds)}.
    </p>
    ${command === undefined ? undefined : html`<pre>${command}</pre>`}
    <p>
      ${command === undefined ? 'Save this as spec.yaml and run' : 'Or save this as spec.yaml and run'}
      <code>bilevel run spec.yaml --out again</code>:
    </p>
    <pre>${spec}</pre>
    ${
      hashes.length === 0
        ? undefined
        : html`<table>
            <thead>
              <tr>
                <th>data</th>
                <th>SHA-256 of the content</th>
              </tr>
            </thead>
            <tbody>
              ${hashes.map(
                ({ source, sha256 }) =>
                  html`<tr>
                    <td>${source}</td>
                    <td><code>${sha256}</code></td>
                  </tr>`
              )}
            </tbody>
          </table>`
    }`
}
