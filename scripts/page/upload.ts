// Brings an asset canister to hold exactly a page: in one commit, so that nobody sees half of it.
import type { AssetCanister, AssetDetails, HeaderField, Operation, Opt } from './asset-canister.ts'
import type { PageEncoding, PageFile } from './page-files.ts'

export interface Uploaded {
  /** Files whose contents, type or headers changed. */
  readonly changed: readonly string[]
  readonly deleted: readonly string[]
  /** Bytes of contents that were sent. */
  readonly sizeBytes: number
}

/** The largest chunk that fits into a call beside what surrounds it; a call carries at most 2 MiB. */
const CHUNK_BYTES_MAX = 1_900_000

interface Content {
  readonly key: string
  readonly encoding: PageEncoding
}

/** What must be done to what is there, contents apart. */
interface Plan {
  readonly deleted: readonly string[]
  readonly created: readonly PageFile[]
  readonly changedProperties: readonly PageFile[]
  readonly obsolete: readonly { readonly key: string; readonly content_encoding: string }[]
  readonly contents: readonly Content[]
}

/**
 * Sends what differs and deletes what is no longer there. A run that was cut short leaves chunks that the canister forgets by itself; the next
 * run finishes.
 * @throws what the canister's client throws; nothing has changed then.
 */
export async function uploadPage(canister: AssetCanister, files: readonly PageFile[]): Promise<Uploaded> {
  const plan = planUpload(files, await canister.list())
  const deleted = plan.deleted.filter((key) => !files.some((file) => file.key === key))
  const touched = [...plan.created, ...plan.changedProperties, ...plan.contents, ...plan.obsolete].map(({ key }) => key)
  const changed = [...new Set(touched)].toSorted()
  if (changed.length === 0 && deleted.length === 0) return { changed, deleted, sizeBytes: 0 }
  const batchId = await canister.createBatch()
  const chunkIds = await sendContents(canister, batchId, plan.contents)
  await canister.commitBatch(batchId, operationsOf(plan, chunkIds))
  const sizeBytes = plan.contents.reduce((size, { encoding }) => size + encoding.content.length, 0)
  return { changed, deleted, sizeBytes }
}

function planUpload(files: readonly PageFile[], held: readonly AssetDetails[]): Plan {
  // The type of an asset cannot be changed: it is deleted and made anew, in the same commit.
  const kept = new Map(
    held
      .filter(({ key, content_type }) => files.some((file) => file.key === key && file.contentType === content_type))
      .map((asset) => [asset.key, asset]),
  )
  const heldHash = (key: string, name: string) =>
    kept.get(key)?.encodings.find(({ content_encoding }) => content_encoding === name)?.sha256[0]
  return {
    deleted: held.map(({ key }) => key).filter((key) => !kept.has(key)),
    created: files.filter(({ key }) => !kept.has(key)),
    changedProperties: files.filter((file) => {
      const asset = kept.get(file.key)
      return asset !== undefined && !hasProperties(asset, file)
    }),
    obsolete: files.flatMap(({ key, encodings }) =>
      (kept.get(key)?.encodings ?? [])
        .filter(({ content_encoding }) => !encodings.some(({ name }) => name === content_encoding))
        .map(({ content_encoding }) => ({ key, content_encoding })),
    ),
    contents: files.flatMap(({ key, encodings }) =>
      encodings
        .filter(({ name, sha256 }) => Buffer.compare(heldHash(key, name) ?? new Uint8Array(), sha256) !== 0)
        .map((encoding) => ({ key, encoding })),
    ),
  }
}

function hasProperties(asset: AssetDetails, { headers }: PageFile): boolean {
  // Canisters add this one to pages themselves.
  const held = (asset.headers[0] ?? []).filter(([name]) => name.toLowerCase() !== 'set-cookie')
  return (
    JSON.stringify(inOrder(held)) === JSON.stringify(inOrder(headers)) &&
    asset.max_age.length === 0 &&
    asset.allow_raw_access[0] === false &&
    asset.is_aliased.length === 0
  )
}

const inOrder = (headers: readonly HeaderField[]): HeaderField[] => headers.toSorted(([a], [b]) => (a < b ? -1 : 1))

/** @returns the chunks of each content. */
async function sendContents(
  canister: AssetCanister,
  batchId: bigint,
  contents: readonly Content[],
): Promise<ReadonlyMap<Content, readonly bigint[]>> {
  const ids = new Map<Content, bigint[]>(contents.map((content) => [content, []]))
  let waiting: { readonly content: Content; readonly bytes: Uint8Array }[] = []
  let waitingBytes = 0
  const send = async () => {
    const sent = waiting
    waiting = []
    waitingBytes = 0
    if (sent.length === 0) return
    const given = await canister.createChunks(
      batchId,
      sent.map(({ bytes }) => bytes),
    )
    for (const [index, { content }] of sent.entries()) ids.get(content)?.push(...given.slice(index, index + 1))
  }
  for (const content of contents) {
    for (const bytes of chunksOf(content.encoding.content)) {
      if (waitingBytes + bytes.length > CHUNK_BYTES_MAX) await send()
      waiting.push({ content, bytes })
      waitingBytes += bytes.length
    }
  }
  await send()
  return ids
}

/** An empty file is one empty chunk: an encoding has at least one. */
function chunksOf(content: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(content.length / CHUNK_BYTES_MAX))
  return Array.from({ length: count }, (_, index) =>
    content.subarray(index * CHUNK_BYTES_MAX, (index + 1) * CHUNK_BYTES_MAX),
  )
}

function operationsOf(plan: Plan, chunkIds: ReadonlyMap<Content, readonly bigint[]>): Operation[] {
  return [
    ...plan.deleted.map((key): Operation => ({ DeleteAsset: { key } })),
    ...plan.created.map(({ key, contentType, headers }): Operation => {
      const properties = {
        headers: [headers] as Opt<readonly HeaderField[]>,
        allow_raw_access: [false] as Opt<boolean>,
      }
      return { CreateAsset: { key, content_type: contentType, max_age: [], enable_aliasing: [], ...properties } }
    }),
    ...plan.changedProperties.map(({ key, headers }): Operation => {
      return {
        SetAssetProperties: { key, max_age: [[]], headers: [[headers]], allow_raw_access: [[false]], is_aliased: [[]] },
      }
    }),
    ...plan.obsolete.map((encoding): Operation => ({ UnsetAssetContent: encoding })),
    ...plan.contents.map((content): Operation => {
      const { key, encoding } = content
      const chunk_ids = chunkIds.get(content) ?? []
      return {
        SetAssetContent: { key, content_encoding: encoding.name, chunk_ids, last_chunk: [], sha256: [encoding.sha256] },
      }
    }),
  ]
}
