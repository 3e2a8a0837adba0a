// ESLint rule "house/names": names are the field's terms. The words below say nothing of what a thing is, or too much.
import path from 'node:path'

/** Words that no identifier, file or CSS class may hold, with what to say instead. */
const AVOIDED = new Map([
  ['turned', 'transposed, flipped, permuted or rotated'],
  ['told', 'reported, sent or given'],
  ['untold', 'unreported'],
  ['heard', 'received'],
  ['listened to', 'watched'],
  ['apart', 'separate or disjoint'],
  ['whole', 'complete, total, atomic or integer'],
  ['strange', 'unknown'],
  ['stranger', 'unknown'],
  ['strangers', 'unknown'],
  ['shall', 'should'],
  ['anew', 'restarted'],
  ['of batch', 'batch first']
])

/** An avoided word in a name, in any spelling (camelCase, snake_case, kebab-case), and what to say instead. */
export function avoidedWord(name) {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/[^A-Za-z]+/g, ' ')
    .toLowerCase()
    .trim()
  const word = [...AVOIDED.keys()].find((avoided) => ` ${words} `.includes(` ${avoided} `))
  return word && { word, instead: AVOIDED.get(word) }
}

const names = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { avoided: '"{{name}}" holds "{{word}}". Say {{instead}}.' }
  },
  create(context) {
    const check = (node, name) => {
      const found = avoidedWord(name)
      if (found) context.report({ node, messageId: 'avoided', data: { name, ...found } })
    }
    const scripts = {
      Program: (node) => check(node, path.basename(context.filename).replace(/\.\w+$/, '')),
      Identifier: (node) => check(node, node.name),
      PrivateIdentifier: (node) => check(node, node.name)
    }
    const { parserServices } = context.sourceCode
    const templates = {
      'VAttribute[directive=false][key.name="class"]': (node) => check(node, node.value?.value ?? ''),
      Identifier: (node) => check(node, node.name)
    }
    return parserServices.defineTemplateBodyVisitor?.(templates, scripts) ?? scripts
  }
}

export const house = { rules: { names } }
