import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { developmentNetwork } from '@medguard/client'
import { LOCALNET_ROOT_KEY } from '@medguard/localnet'
import { describe, expect, test } from 'vitest'

import { printCodecs } from '../../scripts/codec-printer/print-codecs.ts'
import { CODEC_FILES } from '../../scripts/generate-codecs.ts'
import { didPath, printedDids } from '../../scripts/print-did.ts'
import { CANISTERS } from '../../scripts/project.ts'
import { ROOT } from './project-files.ts'

describe('what is written in more than one place', () => {
  test.each(CANISTERS)('%s.did is what the contract prints (node scripts/boot.mjs print-did writes it)', (name) => {
    expect(readFileSync(didPath(name), 'utf8')).toBe(printedDids()[name])
  })

  test.each(Object.entries(CODEC_FILES))('%s is what the contract prints (npm run build:canisters)', (path, file) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(printCodecs(file))
  })

  test('clients and icp.yaml pin the root key that every development network has', () => {
    expect(Buffer.from(developmentNetwork('http://127.0.0.1:4943').rootKey).toString('hex')).toBe(
      Buffer.from(LOCALNET_ROOT_KEY).toString('hex'),
    )
    const [, pinned] = /root-key: (\w+)/.exec(readFileSync(join(ROOT, 'icp.yaml'), 'utf8')) ?? []
    expect(pinned).toBe(Buffer.from(LOCALNET_ROOT_KEY).toString('hex'))
  })

  test('dfx.json and icp.yaml name the canisters in the order of their creation', () => {
    const order = [...CANISTERS, 'frontend']
    const dfx = JSON.parse(readFileSync(join(ROOT, 'dfx.json'), 'utf8')) as { canisters: object }
    expect(Object.keys(dfx.canisters)).toEqual(order)
    const icp = readFileSync(join(ROOT, 'icp.yaml'), 'utf8')
    const [canisters = ''] = icp.split('\nnetworks:')
    expect([...canisters.matchAll(/^ {2}- name: (\w+)$/gm)].map((match) => match[1])).toEqual(order)
  })
})
