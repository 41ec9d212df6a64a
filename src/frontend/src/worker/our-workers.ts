import paperReader from '../paper/reader-paper.ts?worker&url'
import dicomReader from '../viewers/dicom/reader-dicom.ts?worker&url'
import pdfReader from '../viewers/pdf/reader-pdf.ts?worker&url'
import readingsReader from '../devices/reader-readings.ts?worker&url'
import keyWorker from './key-worker.ts?worker&url'

// The page's one Trusted Types policy. The address of a worker is code that runs: the policy of the page (scripts/app-headers.ts) lets nothing but
// this policy make one, and this policy passes nothing but the files that the build has made of our own workers.

/** By what they are for; each is a hashed file beside the page's own. */
const OURS = {
  keys: new URL(keyWorker, import.meta.url).href,
  dicom: new URL(dicomReader, import.meta.url).href,
  pdf: new URL(pdfReader, import.meta.url).href,
  paper: new URL(paperReader, import.meta.url).href,
  readings: new URL(readingsReader, import.meta.url).href,
} as const

/** At the root, under the one name that an update can come by. */
const SERVICE_WORKER = new URL('/sw.js', location.origin).href

const ADDRESSES: ReadonlySet<string> = new Set([...Object.values(OURS), SERVICE_WORKER])

/** As browsers have it; those without Trusted Types take the text itself. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }

const passOurs = (url: string): string => {
  if (!ADDRESSES.has(url)) throw new TypeError('not a worker of this page')
  return url
}
// Made as the page starts and never again: a second one of this name is refused by the browser, so that nobody else can have it.
const policy = trustedTypes?.createPolicy('medguard-url', { createScriptURL: passOurs }) ?? {
  createScriptURL: passOurs,
}

/** @param name what the worker finds as `self.name`. */
export function startWorker(which: keyof typeof OURS, name: string): Worker {
  return new Worker(policy.createScriptURL(OURS[which]), { type: 'module', name })
}

/** @throws where the browser has none, or none for this page, as in some private windows. */
export function registerServiceWorker(): Promise<ServiceWorkerRegistration> {
  return navigator.serviceWorker.register(policy.createScriptURL(SERVICE_WORKER), { updateViaCache: 'none' })
}
