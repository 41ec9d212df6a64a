import { enrolled, holders } from './access-expectations.ts'
import type { AccessTable } from './access-table.ts'
import { type Arg, freshId } from './clinic.ts'
import type { Ward, WardClinic } from './ward.ts'

/** Right in length, which is all that a canister looks at. */
export const authorKeyArg = (x = crypto.getRandomValues(new Uint8Array(32))): Arg<'consent', 'addAuthorKey'> => ({
  algorithm: 1,
  publicKey: x,
  proof: new Uint8Array(64).fill(1),
  requestId: freshId(),
})

/** Rows of the table of who may do what. */
export function authorKeyCases(
  ward: Ward<WardClinic>,
): Pick<AccessTable['consent'], 'addAuthorKey' | 'endAuthorKey' | 'authorKeys' | 'authorsOf'> {
  const { clinic } = ward
  const owner = ward.senderOf('owner')
  /** A key of their own for each: the same one again is the same. */
  const own = (caller: string) => {
    const x = new Uint8Array(32)
    x.set(new TextEncoder().encode(caller))
    return authorKeyArg(x)
  }
  const ofOwner = async () => (await clinic.ok(owner, 'consent', 'addAuthorKey', own('owner'))).keyId
  const depositor = clinic.person('patient').principal
  return {
    addAuthorKey: [{ expected: enrolled, tries: (caller) => [{ exists: own(caller), missing: [], missingThere: [] }] }],
    endAuthorKey: [
      {
        expected: holders,
        tries: async () => [
          {
            exists: { keyId: await ofOwner(), requestId: freshId() },
            missing: [{ keyId: freshId(), requestId: freshId() }],
            missingThere: [],
          },
        ],
      },
    ],
    authorKeys: [{ expected: enrolled, tries: () => [{ exists: null, missing: [], missingThere: [] }] }],
    authorsOf: [
      {
        expected: enrolled,
        tries: async () => [
          { exists: { asked: [{ keyId: await ofOwner(), depositor }] }, missing: [], missingThere: [] },
        ],
      },
    ],
  }
}
