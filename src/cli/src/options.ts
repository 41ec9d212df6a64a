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
  help: { type: 'boolean', short: 'h' },
} as const

export type OptionName = keyof typeof OPTIONS
export const COMMON: readonly OptionName[] = ['as', 'network', 'state', 'json', 'help']
