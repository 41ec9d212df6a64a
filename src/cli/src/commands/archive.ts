import { archiveKeyFromText, archiveKeyToText, newArchiveKey } from '@medguard/client'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { openFile } from '../file-source.ts'
import { expectFree, readText, save } from '../files.ts'
import { written } from '../part-file.ts'
import { createProgress } from '../progress.ts'

export const archiveCommands: CommandGroup = {
  usage: `\
  export --out ARCHIVE --key FILE   your whole vault into one sealed file, its key into another:
                                    whoever has both has everything
  import ARCHIVE --key FILE         store what an archive has, here or in another deployment`,
  commands: {
    export: {
      args: 0,
      options: ['for-patient', 'out', 'key'],
      async run({ client, args: { options } }) {
        const { out, key: keyPath } = options
        if (out === undefined || keyPath === undefined) throw new UsageError('export --out ARCHIVE --key FILE')
        expectFree(out)
        expectFree(keyPath)
        const key = newArchiveKey()
        const progress = createProgress(options.json === true)
        const report = await written(out, async (sink) => {
          const outcome = await client.exportVault(key, sink, progress)
          // The key first: an archive without one is of no use to anybody.
          if (outcome.kind === 'done') save(keyPath, Buffer.from(`${archiveKeyToText(key)}\n`))
          return outcome
        })
        const { versions, damaged } = report
        const missing = damaged === 0 ? '' : `; ${damaged} do not open and are named only`
        return {
          value: { ...report, out, key: keyPath },
          words: `exported ${versions} record versions to ${out}, key in ${keyPath}${missing}${logWords(report.hasLog)}`,
        }
      },
    },
    import: {
      args: 1,
      options: ['for-patient', 'key'],
      async run({ client, args: { subject, options } }) {
        if (options.key === undefined) throw new UsageError('import ARCHIVE --key FILE')
        const key = archiveKeyFromText(readText(options.key))
        if (key === null) throw new UsageError(`${options.key} holds no archive key`)
        const file = await openFile(subject)
        try {
          valueOf(await client.enrol())
          const report = valueOf(await client.importVault(key, file, createProgress(options.json === true)))
          const before = report.skipped === 0 ? '' : `; ${report.skipped} were here already`
          return {
            value: report,
            words: `imported ${report.versions} record versions${before}${logWords(report.hasLog)}`,
          }
        } finally {
          await file.close()
        }
      },
    },
  },
}

const logWords = (hasLog: boolean): string =>
  hasLog ? '' : '\nThe log did not verify when it was exported, so the archive does not say who stored what and when.'
