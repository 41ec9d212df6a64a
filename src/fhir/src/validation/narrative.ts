/** Elements that a narrative may hold (R4, narrative.html, txt-1). */
const ELEMENTS: ReadonlySet<string> = new Set(
  (
    'a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q ' +
    'samp small span strong sub sup table tbody td tfoot th thead tr tt ul var'
  ).split(' '),
)
const TAG = /<\s*\/?\s*([A-Za-z][\w:-]*)([^>]*)/g

/**
 * What a narrative may not hold: elements, handlers and addresses that do something. A check for whoever writes it: what shows a narrative takes such
 * things out all the same.
 */
export function narrativeProblem(div: string): string | null {
  for (const [, name = '', attributes = ''] of div.matchAll(TAG)) {
    if (!ELEMENTS.has(name)) return `<${name}> may not stand in a narrative`
    if (/(?:^|[\s"'/])on[a-z]+\s*=/i.test(attributes)) return `a handler may not stand in <${name}> of a narrative`
    if (/(?:href|src)\s*=\s*["']?\s*(?:javascript|vbscript|data:text)/i.test(attributes))
      return `an address that runs may not stand in <${name}> of a narrative`
  }
  return null
}
