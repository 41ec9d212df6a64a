import { expose } from 'comlink'
import { createReadingsFileReader } from './looking-through.ts'

// The worker that looks through files of phones, watches and meters. Its policy (scripts/app-headers.ts) lets it reach nothing: what it reads cannot leave it.
expose(createReadingsFileReader())
