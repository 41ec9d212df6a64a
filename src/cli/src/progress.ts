import type { Progress, ProgressStep } from '@medguard/client'

/** Smaller contents come and go before anybody looks. */
const SHOWN_FROM_BYTES = 4 * 1024 * 1024
/** Those that take a while each are shown sooner: a share by record asks the network for every one of them. */
const SHOWN_FROM_RECORDS = { rewrapping: 100, listing: 100, sharing: 5 } as const
const WORDS = {
  sealing: 'reading',
  uploading: 'sending',
  downloading: 'receiving',
  rewrapping: 'changing keys',
  listing: 'checking records',
  sharing: 'sharing records',
} as const

/**
 * How far a long piece of work is, on standard error: in place on a terminal, else a line for every tenth. Silent with `--json`, whose errors have that
 * stream to themselves.
 */
export function createProgress(isJson: boolean): Progress {
  if (isJson) return () => {}
  const { stderr } = process
  let shown = ''
  return (step) => {
    const amount = amountOf(step)
    if (amount === null) return
    const { name, done, total } = amount
    const percent = Math.floor((100 * done) / total)
    const said = `${WORDS[name]} ${stderr.isTTY ? percent : percent - (percent % 10)} %`
    if (said === shown) return
    shown = said
    const isLast = done === total
    stderr.write(stderr.isTTY ? `\r${said.padEnd(20)}${isLast ? '\r\n' : ''}` : `${said}\n`)
  }
}

/** Null for what has no amount, or a small one. */
function amountOf(step: ProgressStep): { name: keyof typeof WORDS; done: number; total: number } | null {
  if ('doneRecords' in step) {
    const { step: name, doneRecords: done, totalRecords: total } = step
    return total < SHOWN_FROM_RECORDS[name] ? null : { name, done, total }
  }
  if (!('doneBytes' in step) || step.totalBytes < SHOWN_FROM_BYTES) return null
  return { name: step.step, done: step.doneBytes, total: step.totalBytes }
}
