import { fromBase64Url, toBase64Url } from '@medguard/protocol'
import { printable } from './printable.ts'

/** A SMART Health Link, read. With it anybody opens what it leads to, if there is no passcode. */
export interface SmartLink {
  /** Where the manifest is asked for. */
  readonly url: string
  /** 32 bytes: opens the files. */
  readonly key: Uint8Array
  /** Seconds since 1970, if it says so. */
  readonly exp: number | null
  /** Letters: `P` needs a passcode, `U` is one file without a manifest, `L` may change. */
  readonly flag: string
  readonly label: string | null
}

export const LINK_SCHEME = 'shlink:/'
const TEXT_CHARS_MAX = 4096
const URL_CHARS_MAX = 512
const LABEL_CHARS_MAX = 80
const LOOPBACK = /^http:\/\/([a-z0-9-]+\.)*(localhost|127\.0\.0\.1)(:\d+)?\//

/** `shlink:/` and the payload in base64url (SMART Health Links, "Construct a SHLink Payload"). */
export function linkText({ url, key, exp, flag, label }: SmartLink): string {
  const payload = {
    url,
    ...(flag === '' ? {} : { flag }),
    key: toBase64Url(key),
    ...(exp === null ? {} : { exp }),
    ...(label === null ? {} : { label }),
    v: 1,
  }
  return `${LINK_SCHEME}${toBase64Url(new TextEncoder().encode(JSON.stringify(payload)))}`
}

/** `none`: no such link; `damaged`: part of it is missing; `newer`: of a version that is not known here. */
export type LinkFault = 'none' | 'damaged' | 'newer'

/** Of whatever somebody pasted: the link itself, or the address of a viewer with it behind `#`. */
export function readLink(text: string): SmartLink | LinkFault {
  const at = text.indexOf(LINK_SCHEME)
  if (at < 0 || text.length > TEXT_CHARS_MAX) return 'none'
  const [encoded = ''] = /^[A-Za-z0-9_-]*/.exec(text.slice(at + LINK_SCHEME.length).trim()) ?? []
  const bytes = fromBase64Url(encoded)
  let payload: unknown
  try {
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes ?? new Uint8Array(0)))
  } catch {
    return 'damaged'
  }
  if (typeof payload !== 'object' || payload === null) return 'damaged'
  const { url, key, exp, flag = '', label, v = 1 } = payload as Partial<Record<string, unknown>>
  if (v !== 1) return 'newer'
  const keyBytes = typeof key === 'string' ? fromBase64Url(key) : null
  const isSound =
    typeof url === 'string' &&
    url.length <= URL_CHARS_MAX &&
    URL.canParse(url) &&
    (url.startsWith('https://') || LOOPBACK.test(url)) &&
    typeof flag === 'string' &&
    /^[A-Z]{0,8}$/.test(flag)
  if (!isSound || keyBytes?.length !== 32) return 'damaged'
  return {
    url,
    key: keyBytes,
    exp: typeof exp === 'number' && Number.isFinite(exp) ? exp : null,
    flag,
    label: typeof label === 'string' ? printable(label).slice(0, LABEL_CHARS_MAX) : null,
  }
}
