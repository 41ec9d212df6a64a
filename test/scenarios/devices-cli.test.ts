import { Ed25519KeyIdentity } from '@dfinity/identity'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openIdentities } from '@medguard/cli'
import {
  createClient,
  type DeviceInfo,
  developmentNetwork,
  type PairedDevice,
  type RecordSummary,
} from '@medguard/client'
import { readPairing, type Truth } from '@medguard/device'
import { toHex } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  done,
  factsOf,
  factsOfLines,
  lineOf,
  livesThrough,
  patientWithFolder,
  SHORT_STORY,
} from '../product/device-story.fixture.ts'
import { type Letter, openMailbox } from '../product/mailbox.fixture.ts'
import { medguard, medguardDevice, type Product, startMedguard, startProduct } from '../product/product.ts'
import { limit } from './care-team.fixture.ts'
import { readingsOf } from './device-sdk.fixture.ts'

// B08, user request 22: devices by the command line alone.

let product: Product
let folders = ''
beforeAll(async () => {
  product = await startProduct()
  folders = mkdtempSync(join(tmpdir(), 'medguard-device-'))
})
afterAll(async () => {
  await product.close()
  rmSync(folders, { recursive: true, force: true })
})

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
  const { format: _, canisters, algorithm, url, ...bytes } = pairing
  const given = readPairing(cuff.code)
  expect(given).toMatchObject({ url, algorithm, records: canisters.records })
  for (const [name, hex] of Object.entries(bytes))
    expect(toHex(given[name as keyof typeof bytes] ?? new Uint8Array()), name).toBe(hex)
  expect(cuff.code.length).toBeLessThan(435)
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

test('a device with a key of its own is paired and posts from the command line, by call and by HTTPS', async () => {
  const folder = join(folders, 'scale')
  const device = (...words: string[]) => medguardDevice(folder, '', ...words, '--json')
  expect(await device('status')).toMatchObject({ code: 2, stderr: expect.stringContaining('NotPaired') as string })
  const { publicKey } = (await device('key')).json() as { publicKey: string }
  expect((await device('key')).json()).toEqual({ publicKey })
  const { code, device: added } = await run<PairedDevice>(
    'device',
    'add',
    'Scale',
    '--kind',
    'vitals',
    '--public-key',
    publicKey,
  )
  expect(await medguardDevice(folder, 'medguard-device:e30', 'pair', '-')).toMatchObject({ code: 2 })
  expect((await medguardDevice(folder, code, 'pair', '-', '--json')).json()).toMatchObject({ seen: 'active' })
  const other = await run<PairedDevice>('device', 'add', 'Other', '--kind', 'vitals', '--public-key', 'ab'.repeat(32))
  const wrong = await medguardDevice(folder, other.code, 'pair', '-')
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('another key') as string })

  const weight = (value: number) => ({ code: '29463-7', unit: 'kg', value, time: '2026-05-01T08:00:00+02:00' })
  const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n')
  const bad = await medguardDevice(folder, `${lines(weight(71.5))}\n{"code":"29463-8"}\nsecret`, 'post', '-')
  expect(bad).toMatchObject({ code: 2, stdout: '' })
  expect(bad.stderr).toContain('line 2: BadCode, line 3: BadJson')
  for (const [value, road] of [
    [71.5, []],
    [72.5, ['--https']],
  ] as const)
    expect((await medguardDevice(folder, lines(weight(value)), 'post', '-', '--json', ...road)).json()).toEqual({
      readings: 1,
      batches: 1,
      waiting: 0,
    })
  const listed = await run<RecordSummary[]>('list', '--kind', 'vitals')
  expect(listed.filter(({ deviceId }) => deviceId === added.deviceId)).toHaveLength(2)

  await run('device', 'pause', added.deviceId)
  const left = await medguardDevice(folder, lines(weight(73.5)), 'post', '-', '--no-wait')
  expect(left).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('the patient has paused this device') as string,
  })
  expect((await device('status')).json()).toMatchObject({ waiting: { batches: 1 }, seen: 'paused' })
  const names = readdirSync(folder)
  expect(names.toSorted()).toEqual(['batch-0000000002', 'key', 'pairing', 'state'])
  for (const name of names) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('killed like its network, again and again, a device posts all it was told to keep, each once; when it is removed it says so and keeps the rest', async () => {
  const { patient, folder, deviceId, lines, deaths } = await livesThrough(product, SHORT_STORY(7))
  expect(deaths).toBe(2)
  try {
    done(await patient.client.removeDevice(deviceId))
    const device = folder.stream()
    device.feed([lineOf(lines)])
    await device.until(({ kept }) => kept === 1)
    await device.until(({ waiting }) => waiting === 'NotPermitted')
    device.child.kill('SIGTERM') // and nobody ends its input
    expect(await device.ended).toBe(0)
    const status = await medguardDevice(folder.path, '', 'status')
    expect(status.stdout).toContain('1 batches wait')
    expect(status.stdout).toContain('this device may not post: it was removed')
    expect((await factsOf(patient)).facts).toEqual(factsOfLines(lines))
  } finally {
    folder.remove()
  }
})

test('what a stream says is kept lies on the disk before, and goes from there after it was taken; another process has to wait', async () => {
  const { patient, folder } = await patientWithFolder(product)
  try {
    const first = folder.stream()
    first.feed([lineOf(0)])
    await first.until(({ posted }) => posted === 1)
    // What the first is in the midst of writing is none of the second's business.
    const half = join(folder.path, 'batch-0000000009.part')
    writeFileSync(half, '')
    const second = await medguardDevice(folder.path, '', 'status', '--json')
    expect(second).toMatchObject({ code: 3, stderr: expect.stringContaining('InUse') as string })
    expect(existsSync(half)).toBe(true)
    await first.kill()
    const names = folder.trace().map((line) => line.replace(/batch-\d+/, 'batch'))
    const write = (name: string) => [`write ${name}.part`, `sync ${name}.part`, `rename ${name}`, 'sync folder']
    const states = [...write('state')]
    expect(names.filter((line) => !line.startsWith('remove batch-0000000009'))).toEqual([
      ...states,
      ...write('batch'),
      'say {"kept":1}',
      ...states,
      'remove batch',
      'say {"posted":1}',
    ])

    const simulated = folder.stream({ args: ['--simulate', '3', '--count', '60'] })
    expect(await simulated.ended).toBe(0)
    expect(existsSync(half)).toBe(false)
    const truth = simulated.told.flatMap((told) => (told['truth'] === undefined ? [] : [told['truth'] as Truth]))
    expect(truth).toHaveLength(60)
    const { readings } = await readingsOf(patient.newClient())
    const measured = readings.filter(({ source }) => source.sequence !== null)
    expect(
      measured.map(({ source, value }) => [source.sequence, value]).toSorted((a, b) => Number(a[0]) - Number(b[0])),
    ).toEqual(truth.map(({ sequence, value }) => [sequence, value]))
    expect(readings).toHaveLength(61)
  } finally {
    folder.remove()
  }
})

test('a watch tells by mail what a device posts that crosses a limit; killed before it noted that, it sends the same letter once more and then none', async () => {
  const mailbox = await openMailbox()
  const watching: { child: ReturnType<typeof startMedguard>; errors: string }[] = []
  const start = (): void => {
    const child = startMedguard(product, 'watched', 'watch', file)
    const started = { child, errors: '' }
    child.stderr.on('data', (data: Buffer) => (started.errors += data.toString()))
    watching.push(started)
  }
  const running = () => watching.at(-1)!.child
  const status = async () => medguard(product, 'watched', 'watch', '--status', '--json')
  const isWell = async () => (await status()).code === 0
  const looks = (): Letter[] => mailbox.letters.filter(({ subject }) => subject.includes('look at'))
  const file = join(folders, 'watch.json')
  try {
    const people = [{ who: 'watched', mail: 'jana@home.test' }]
    const mail = { ...mailbox.config, authority: 'mail.pem' }
    writeFileSync(join(folders, 'mail.pem'), mailbox.authority)
    writeFileSync(file, JSON.stringify({ of: 'own', people, mail }), { mode: 0o644 })
    const { client } = await watched()
    expect(await medguard(product, 'watched', 'watch', file)).toMatchObject({ code: 2, stderr: anyText('chmod 600') })
    expect(await status()).toMatchObject({ code: 2 })
    chmodSync(file, 0o600)

    start()
    await expect.poll(() => mailbox.letters.map(({ subject }) => subject)).toEqual(['MedGuard watch is running'])
    await expect.poll(isWell).toBe(true)
    expect(await medguard(product, 'watched', 'watch', file)).toMatchObject({ code: 2, stderr: anyText('another') })
    mailbox.onLetter(() => running().kill('SIGKILL'))
    done(await client.sayAlert({ of: 'me' }, 'vitals', limit(120)))
    const { code } = done(await client.addDevice({ name: 'Band', category: 'vitals' }))
    const folder = join(folders, 'band')
    expect(await medguardDevice(folder, code, 'pair', '-')).toMatchObject({ code: 0 })
    const reading = JSON.stringify({ code: '8867-4', unit: '/min', value: 150, time: new Date() })
    expect(await medguardDevice(folder, reading, 'post', '-')).toMatchObject({ code: 0 })
    await expect.poll(looks).toHaveLength(1)
    if (running().signalCode === null) await once(running(), 'exit')
    expect(await status()).toMatchObject({ code: 4, stdout: anyText('"isRunning": false') })

    mailbox.onLetter(() => {})
    start()
    await expect.poll(looks).toHaveLength(2)
    expect(new Set(looks().map(({ id }) => id)).size).toBe(1)
    await expect.poll(async () => (await status()).stdout).toContain('"open": 1')
    running().kill('SIGKILL')
    await once(running(), 'exit')
    const { read } = (await status()).json() as { read: string }
    start()
    await expect.poll(async () => ((await status()).json() as { read: string }).read > read).toBe(true)
    expect(looks()).toHaveLength(2)
    running().kill('SIGTERM')
    const [ended] = (await once(running(), 'exit')) as [number]
    expect(ended, watching.at(-1)!.errors).toBe(0)
    expect(watching.map(({ errors }) => errors).join('\n')).not.toContain('150')
  } finally {
    for (const { child } of watching) child.kill('SIGKILL')
    await mailbox.close()
  }
})

/** Enrolled, with an identity that the command finds. */
async function watched() {
  const identity = openIdentities(product.stateDir).open('watched')
  const client = createClient({ identity, network: developmentNetwork(product.ready.network) })
  done(await client.enrol())
  return { client }
}
const anyText = (text: string) => expect.stringContaining(text) as string
