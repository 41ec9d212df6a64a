/** Every option there is; which commands take it, they say themselves. */
export const OPTIONS = {
  as: { type: 'string' },
  network: { type: 'string' },
  state: { type: 'string' },
  json: { type: 'boolean' },
  of: { type: 'string' },
  kind: { type: 'string', multiple: true },
  title: { type: 'string' },
  type: { type: 'string' },
  date: { type: 'string' },
  out: { type: 'string' },
  with: { type: 'string' },
  record: { type: 'string', multiple: true },
  for: { type: 'string' },
  purpose: { type: 'string' },
  verify: { type: 'boolean' },
  mine: { type: 'boolean' },
  person: { type: 'string' },
  org: { type: 'string' },
  patient: { type: 'string' },
  event: { type: 'string' },
  evidence: { type: 'string' },
  cosigned: { type: 'string', multiple: true },
  latest: { type: 'boolean' },
  witness: { type: 'string', multiple: true },
  needed: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

export type OptionName = keyof typeof OPTIONS
export const COMMON: readonly OptionName[] = ['as', 'network', 'state', 'json', 'help']
