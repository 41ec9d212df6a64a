// An authority and who it vouches for, made anew for each test: X.509 (RFC 5280) with P-256, as little of it as TLS asks for.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.from([tag, ...size]), content])
}
const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts)
const hex = (text: string) => Buffer.from(text, 'hex')
const COMMON_NAME = hex('0603550403')
const ECDSA_SHA256 = sequence(hex('06082a8648ce3d040302'))
const nameOf = (text: string) => sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(text)))))
const utcTime = (text: string) => tlv(0x17, Buffer.from(text))
const VALIDITY = sequence(utcTime('200101000000Z'), utcTime('491231235959Z'))
const AUTHORITY = sequence(hex('0603551d13'), hex('0101ff'), tlv(0x04, sequence(hex('0101ff'))))
const LOCAL = sequence(
  hex('0603551d11'),
  tlv(0x04, sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, hex('7f000001')))),
)

export interface Certified {
  readonly key: string
  readonly cert: string
}
export interface Authority {
  readonly cert: string
  /** For a server on this machine, or for whoever calls it. */
  issue(name: string): Certified
}

export function newAuthority(name = 'Test authority'): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certify = (subject: string, publicKey: KeyObject, extension: Uint8Array): string => {
    const tbs = sequence(
      tlv(0xa0, hex('020102')),
      tlv(0x02, Uint8Array.of(1), randomBytes(8)),
      ECDSA_SHA256,
      nameOf(name),
      VALIDITY,
      nameOf(subject),
      publicKey.export({ type: 'spki', format: 'der' }),
      tlv(0xa3, sequence(extension)),
    )
    const signature = sign('sha256', tbs, own.privateKey)
    const der = sequence(tbs, ECDSA_SHA256, tlv(0x03, Uint8Array.of(0), signature))
    return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
  }
  return {
    cert: certify(name, own.publicKey, AUTHORITY),
    issue(subject) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
      return { key: String(key), cert: certify(subject, publicKey, LOCAL) }
    },
  }
}
