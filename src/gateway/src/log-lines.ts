/** One line of the process' log: ids of requests, codes, sizes and times. No path, no parameter, no content: each may say who has what. */
export interface LogLine {
  readonly event: 'started' | 'answered' | 'failed' | 'stopping' | 'stopped'
  readonly requestId?: string
  readonly client?: string
  /** Name of the route, not the address. */
  readonly route?: string
  readonly status?: number
  readonly code?: string
  readonly sizeBytes?: number
  readonly tookMs?: number
  /** Where in our code something failed. */
  readonly at?: string
}
export type WriteLine = (line: LogLine) => void

export const toStandardError: WriteLine = (line) =>
  void process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`)

/** Of an error nobody foresaw: what it is called and where it came from. What it says could name somebody. */
export function failureOf(error: unknown): Pick<LogLine, 'code' | 'at'> {
  if (!(error instanceof Error)) return { code: typeof error }
  const [, at] = /\n\s+at .*?([\w.-]+\.ts:\d+:\d+)/.exec(error.stack ?? '') ?? []
  return { code: error.name, ...(at === undefined ? {} : { at }) }
}
