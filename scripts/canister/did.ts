import type { Method, MethodKind } from './wasm.ts'

/**
 * Reads the method names and kinds of the service in a Candid text. Types are skipped, not understood.
 * @throws SyntaxError when the text has no service, or one that this reader cannot follow.
 */
export function serviceMethods(did: string): Method[] {
  const tokens = tokenize(did)
  const service = tokens.lastIndexOf('service')
  if (service < 0) throw new SyntaxError('the Candid text has no service')
  // `service : (init arguments) -> { … }`: the body is the first brace outside parentheses.
  let at = service
  let parentheses = 0
  while (at < tokens.length && !(tokens[at] === '{' && parentheses === 0)) {
    if (tokens[at] === '(') parentheses++
    if (tokens[at] === ')') parentheses--
    at++
  }
  if (at === tokens.length) throw new SyntaxError('the service has no body')
  const methods: Method[] = []
  let entry: string[] = []
  let depth = 0
  for (const token of tokens.slice(at + 1)) {
    if (depth === 0 && (token === ';' || token === '}')) {
      if (entry.length > 0) methods.push(toMethod(entry))
      entry = []
      if (token === '}') return methods
      continue
    }
    if (token === '(' || token === '{') depth++
    if (token === ')' || token === '}') depth--
    entry.push(token)
  }
  throw new SyntaxError('the service is not closed')
}

function toMethod(entry: readonly string[]): Method {
  const [name, colon] = entry
  if (name === undefined || colon !== ':') throw new SyntaxError(`cannot read the method "${entry.join(' ')}"`)
  const last = entry.at(-1)
  const kind: MethodKind = last === 'query' || last === 'composite_query' ? last : 'update'
  return { name: name.startsWith('"') ? (JSON.parse(name) as string) : name, kind }
}

function tokenize(did: string): string[] {
  const withoutComments = did.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ' ')
  return withoutComments.match(/"(?:[^"\\]|\\.)*"|->|[A-Za-z_][A-Za-z0-9_]*|[^\sA-Za-z_]/g) ?? []
}
