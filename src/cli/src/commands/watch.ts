import { setTimeout as delay } from 'node:timers/promises'
import type { Answer, CommandGroup, Context } from '../command.ts'
import { UsageError } from '../exit-code.ts'
import { toJson } from '../format.ts'
import { deliverBy } from '../watch/channels.ts'
import { readConfig } from '../watch/config.ts'
import { folderOf } from '../watch/ledger.ts'
import { lockWatch, standingOf, standingText } from '../watch/standing.ts'
import { createWatch, EVERY_MS, type WatchLine } from '../watch/watch.ts'

export const watchCommands: CommandGroup = {
  usage: `\
  watch FILE                        run until stopped: work out alerts of what devices send, as the
                                    page does, and tell whoever is on duty by mail or webhook; FILE
                                    says whose and how (docs/alerts.md). No medical alarm
  watch --status                    whether it runs, when it last read, whom it reached last; exit
                                    code 4 unless all is well`,
  commands: {
    watch: {
      args: 'one or none',
      options: ['status', 'for-patient'],
      onlyAsks: true,
      async run(context) {
        const { stateDir, args } = context
        const folder = folderOf(stateDir, args.options.as ?? 'default')
        if (args.options.status === true) {
          if (args.subject !== '') throw new UsageError('watch FILE, or watch --status')
          const standing = await standingOf(folder, Date.now())
          return { value: standing, words: standingText(standing), isUnwell: !standing.isWell }
        }
        if (args.subject === '') throw new UsageError('watch FILE, or watch --status')
        const release = await lockWatch(folder)
        if (release === null) throw new UsageError('another watch of this identity is running')
        try {
          return await watches(context, folder)
        } finally {
          await release()
        }
      },
    },
  },
}

/** Until somebody stops it. What happened goes to standard error, a line of JSON each. */
async function watches({ client, ward, identities, args }: Context, folder: string): Promise<Answer> {
  const config = readConfig(args.subject, (who) => identities.resolve(who))
  if (ward !== null && config.of === 'shared') throw new UsageError('watch: of: own, with --for-patient')
  const owner =
    ward?.patientId ??
    identities
      .open(args.options.as ?? 'default')
      .getPrincipal()
      .toText()
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, onSignal)
  const watch = createWatch({ client, owner, config, deliver: deliverBy(config.server), folder, now: Date.now, log })
  log({ event: 'started' })
  while (!stop.signal.aborted) {
    await watch.round()
    await delay(EVERY_MS, undefined, { signal: stop.signal }).catch(() => {}) // stopped meanwhile
  }
  watch.save()
  log({ event: 'stopped' })
  return { value: null, words: 'Stopped. Nobody is told of anything now.' }
}

const log = (line: WatchLine): void =>
  void process.stderr.write(`${toJson({ time: new Date().toISOString(), ...line }).replaceAll(/\n\s*/g, ' ')}\n`)
