import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main, openIdentities } from '@medguard/cli'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'
import { COUNCIL } from './trust.fixture.ts'

// An organisation from its registration to the end of what was shared with it, by the command line alone.

let clinic: Clinic
let state: string
beforeAll(async () => {
  clinic = await openClinic({ clock: 'real', council: { members: COUNCIL, threshold: 2 } })
  state = mkdtempSync(join(tmpdir(), 'medguard-trust-'))
  const identities = openIdentities(state)
  for (const name of COUNCIL)
    identities.keep(name, new Uint8Array(createHash('sha256').update(`medguard clinic ${name}`).digest()))
  await run('eve', 'shares')
})
afterAll(async () => {
  await clinic.close()
  rmSync(state, { recursive: true, force: true })
})

/** Runs one command in this process. */
async function medguard(as: string, ...argv: string[]) {
  const written = { out: [] as Buffer[], err: [] as Buffer[] }
  const take = (to: Buffer[]) => (part: string | Uint8Array) => to.push(Buffer.from(part)) > 0
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take(written.out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(take(written.err)),
  ]
  try {
    const code = await main(['--as', as, '--state', state, '--network', clinic.localnet.url, ...argv])
    return { code, stdout: Buffer.concat(written.out).toString(), stderr: Buffer.concat(written.err).toString() }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
async function run(as: string, ...args: string[]): Promise<unknown> {
  const result = await medguard(as, ...args, '--json')
  expect(result, `${args.join(' ')}: ${result.stderr}`).toMatchObject({ code: 0 })
  return JSON.parse(result.stdout) as unknown
}
async function refused(as: string, ...args: string[]): Promise<string> {
  const result = await medguard(as, ...args, '--json')
  expect(result, `${args.join(' ')}: ${result.stdout}`).toMatchObject({ code: 3 })
  return (JSON.parse(result.stderr) as { error: string }).error
}

test('a clinic is registered, verified by two of three, takes somebody in, is shared with, and loses it all when it is suspended', async () => {
  const file = join(state, 'count.txt')
  writeFileSync(file, 'Haemoglobin 13.9 g/dL')
  const { recordId } = (await run('pat', 'add', file, '--kind', 'labs')) as { recordId: string }
  const clinicMade = (await run('ada', 'org', 'register', 'North Clinic', '--kind', 'practice')) as {
    orgId: string
    principal: string
    isInForce: boolean
  }
  const { orgId, principal } = clinicMade
  expect(clinicMade.isInForce).toBe(false)
  expect(await refused('pat', 'share', '--with', principal, '--kind', 'labs', '--for', '7d')).toBe('Unverified')
  expect(await refused('ada', 'council', 'propose', '--verify-org', orgId, '--for', '300d')).toBe('NotPermitted')

  const proposed = await run('cora', 'council', 'propose', '--verify-org', orgId, '--for', '300d')
  expect(proposed).toMatchObject({ approvals: 1, threshold: 2, isDone: false })
  const { actId } = proposed as { actId: string }
  expect(await run('carl', 'council', 'acts')).toMatchObject([{ actId, act: expect.stringContaining('North Clinic') }])
  expect(await run('carl', 'council', 'vote', actId.slice(0, 8))).toMatchObject({ isDone: true })
  expect(await run('pat', 'org', 'list')).toMatchObject([{ orgId, name: 'North Clinic', isInForce: true }])

  await run('doc', 'shares')
  await run('ada', 'org', 'member', 'doc', '--org', orgId.slice(0, 8), '--role', 'physician', '--for', '30d')
  expect(await run('pat', 'who', 'doc')).toMatchObject({ isVerified: false })
  expect(await run('doc', 'org', 'mine')).toMatchObject([
    { organisation: { orgId, isInForce: true }, member: { status: 'invited' } },
  ])
  const mine = (await medguard('doc', 'org', 'mine')).stdout
  expect(mine).toMatch(
    new RegExp(`^${orgId.slice(0, 8)} +invited +physician +North Clinic +verified by the council on 20`),
  )
  expect(mine).toContain('medguard org accept')
  expect((await medguard('doc', 'org', 'accept', 'xyz')).code).toBe(2)
  await run('doc', 'org', 'accept', orgId.slice(0, 8))
  await run('doc', 'org', 'accept', principal)
  expect(await run('doc', 'org', 'mine')).toMatchObject([{ organisation: { orgId }, member: { status: 'active' } }])
  expect(await run('pat', 'who', 'doc')).toMatchObject({
    isVerified: true,
    memberships: [{ organisation: { name: 'North Clinic' }, member: { roles: ['physician'] } }],
  })
  expect((await medguard('pat', 'who', 'doc')).stdout).toMatch(
    /physician of North Clinic \(practice\), since 20.* until 20.*; verified by the council on 20.*, until 20/,
  )
  expect((await medguard('pat', 'who', 'eve')).stdout).toContain('NOT VERIFIED')

  const said = (await medguard('pat', 'share', '--with', principal, '--kind', 'labs', '--for', '7d')).stdout
  expect(said).toMatch(/^North Clinic \(practice\): verified by the council on 20.*, until 20/)
  expect(said).not.toContain('WARNING')
  const family = ['--kind', 'vitals', '--for', '1d', '--purpose', 'FAMRQT']
  expect((await medguard('pat', 'share', '--with', 'eve', ...family)).stdout).toMatch(/^WARNING: nobody has verified/)
  expect((await medguard('pat', 'share', '--with', 'doc', ...family)).stdout).toMatch(/^physician of North Clinic \(/)
  expect(await run('doc', 'list', '--of', 'pat')).toMatchObject([{ recordId }])
  expect((await medguard('doc', 'show', recordId, '--of', 'pat')).stdout).toBe('Haemoglobin 13.9 g/dL')
  expect(await run('ada', 'log', '--org', orgId)).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ event: 'open' })]),
  })
  const audience = (await medguard('pat', 'who-can-open', recordId)).stdout
  expect(audience).toMatch(/doc .* of North Clinic \(/)
  expect(audience).toMatch(/^North Clinic \(.*\): verified by the council on 20.*, until 20/m)
  await run('pat', 'block', '--org', orgId)
  expect((await medguard('doc', 'show', recordId, '--of', 'pat')).code, 'as if nothing had been shared').toBe(2)
  await run('pat', 'unblock', '--org', orgId)
  expect((await medguard('pat', 'block', 'doc', '--org', orgId)).code).toBe(2)

  await run('cleo', 'council', 'propose', '--suspend-org', orgId)
  const [act] = (await run('cora', 'council', 'acts')) as { actId: string }[]
  await run('cora', 'council', 'vote', act?.actId ?? '')
  expect(await refused('doc', 'show', recordId, '--of', 'pat')).toBe('Unverified')
  expect(await run('pat', 'who', 'doc')).toMatchObject({ isVerified: false })
  expect((await medguard('pat', 'share', '--with', 'doc', ...family)).stdout).toMatch(/^WARNING: nobody has verified/)
})

test('an invitation is made, claimed once, and needed where the council says so', async () => {
  const { orgId } = (await run('ada', 'org', 'register', 'Inviting Clinic', '--kind', 'practice')) as { orgId: string }
  for (const act of [
    ['--verify-org', orgId, '--for', '30d'],
    ['--invitations', 'required'],
  ]) {
    const { actId } = (await run('cora', 'council', 'propose', ...act)) as { actId: string }
    await run('carl', 'council', 'vote', actId)
  }
  expect(await run('nia', 'council', 'show')).toMatchObject({ invitationRequired: true, isSettled: true })
  expect(await refused('nia', 'request', 'pat', '--for', '1d')).toBe('Unverified')
  const { code } = (await run('ada', 'invite', '--org', orgId, '--for', '7d')) as { code: string }
  await run('nia', 'claim', code)
  expect(await refused('noa', 'claim', code)).toBe('NotPermitted')
  expect(await run('ada', 'invitations', '--org', orgId)).toMatchObject([{ isClaimed: true }])
  await run('nia', 'request', 'pat', '--for', '1d', '--purpose', 'FAMRQT')
  const { actId } = (await run('cora', 'council', 'propose', '--invitations', 'free')) as { actId: string }
  await run('carl', 'council', 'vote', actId)
})

test('a name that looks like a verified one is warned of', async () => {
  const { orgId: genuine } = (await run('ada', 'org', 'register', 'Saint Mary Clinic', '--kind', 'hospital')) as {
    orgId: string
  }
  const { actId } = (await run('cora', 'council', 'propose', '--verify-org', genuine, '--for', '30d')) as {
    actId: string
  }
  await run('cleo', 'council', 'vote', actId)
  const made = (await run('eve', 'org', 'register', 'S\u0430int M\u0430ry Cl1nic', '--kind', 'hospital')) as object
  expect(made).toMatchObject({ looksLike: ['Saint Mary Clinic'], isInForce: false })
  // The council did not verify it, so that nothing can be shared with it, whatever for.
  const { orgId } = made as { orgId: string }
  const purpose = ['--kind', 'labs', '--for', '1d', '--purpose', 'FAMRQT']
  expect(await refused('pia', 'share', '--org', orgId, ...purpose)).toBe('Unverified')
})

test('a share by record says on standard error how far it is', async () => {
  const ids: string[] = []
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    const file = join(state, `${name}.txt`)
    writeFileSync(file, name)
    ids.push(((await run('pam', 'add', file, '--kind', 'labs')) as { recordId: string }).recordId)
  }
  const wanted = ids.flatMap((id) => ['--record', id])
  const made = await medguard('pam', 'share', '--with', 'eve', ...wanted, '--for', '1d', '--purpose', 'FAMRQT')
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('sharing records 100 %') })
})
