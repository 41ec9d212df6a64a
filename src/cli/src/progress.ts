import type { Progress } from '@medguard/client'

/** Smaller contents come and go before anybody looks. */
const SHOWN_FROM_BYTES = 4 * 1024 * 1024
const WORDS = { sealing: 'reading', uploading: 'sending', downloading: 'receiving' } as const

/**
 * How far a long transfer is, on standard error: in place on a terminal, else a line for every tenth. Silent with `--json`, whose errors have that
 * stream to themselves.
 */
export function createProgress(isJson: boolean): Progress {
  if (isJson) return () => {}
  const { stderr } = process
  let shown = ''
  return (step) => {
    if (!('doneBytes' in step) || step.totalBytes < SHOWN_FROM_BYTES) return
    const { doneBytes, totalBytes } = step
    const percent = Math.floor((100 * doneBytes) / totalBytes)
    const said = `${WORDS[step.step]} ${stderr.isTTY ? percent : percent - (percent % 10)} %`
    if (said === shown) return
    shown = said
    const isLast = doneBytes === totalBytes
    stderr.write(stderr.isTTY ? `\r${said.padEnd(16)}${isLast ? '\r\n' : ''}` : `${said}\n`)
  }
}
