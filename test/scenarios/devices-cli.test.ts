import { Ed25519KeyIdentity } from '@dfinity/identity'
import type { DeviceInfo, PairedDevice } from '@medguard/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { medguard, type Product, startProduct } from '../product/product.ts'

// B08, user request 22: devices by the command line alone.

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product.close())

async function run<T>(...words: string[]): Promise<T> {
  const answer = await medguard(product, 'patient', ...words, '--json')
  expect(answer, answer.stderr).toMatchObject({ code: 0 })
  return answer.json() as T
}
const listed = () => run<DeviceInfo[]>('device', 'list')

test('a device is added with a code of its own, listed by its name, paused, rotated and removed', async () => {
  expect(await medguard(product, 'patient', 'device', 'add', 'Cuff')).toMatchObject({ code: 2 })
  const cuff = await run<PairedDevice>('device', 'add', 'Cuff', '--kind', 'vitals', '--type', 'blood pressure')
  const { deviceId } = cuff.device
  expect(cuff.device).toMatchObject({ name: 'Cuff', kind: 'blood pressure', category: 'vitals', state: 'active' })
  const { pairing } = cuff
  const inCode: unknown = JSON.parse(Buffer.from(cuff.code.replace('medguard-device:', ''), 'base64url').toString())
  expect(inCode).toEqual(pairing)
  const identity = Ed25519KeyIdentity.fromSecretKey(Buffer.from(pairing.privateKey ?? '', 'hex'))
  expect(identity.getPrincipal().toText()).toBe(cuff.device.principal)
  const own = Ed25519KeyIdentity.generate()
  const publicKey = Buffer.from(own.getPublicKey().toRaw()).toString('hex')
  const scale = await run<PairedDevice>('device', 'add', 'Scale', '--kind', 'vitals', '--public-key', publicKey)
  expect(scale.pairing).not.toHaveProperty('privateKey')
  expect(scale.device.principal).toBe(own.getPrincipal().toText())

  await run('device', 'rename', deviceId.slice(0, 8), '--name', 'Cuff at home')
  await run('device', 'pause', deviceId)
  expect(await listed()).toMatchObject([
    { deviceId, name: 'Cuff at home', kind: 'blood pressure', state: 'paused', lastSeenNs: null },
    { name: 'Scale', state: 'active' },
  ])
  await run('device', 'resume', deviceId)
  const rotated = await run<PairedDevice>('device', 'rotate', deviceId)
  expect(rotated.device.principal).not.toBe(cuff.device.principal)
  expect(rotated.pairing.deviceId).toBe(deviceId)
  await run('device', 'remove', deviceId)
  expect(await listed()).toMatchObject([{ deviceId, state: 'removed' }, { state: 'active' }])
  const refused = await medguard(product, 'patient', 'device', 'resume', deviceId)
  expect(refused.code).toBe(3)
  expect((await medguard(product, 'patient', 'device', 'list')).stdout).toContain('Scale')
})
