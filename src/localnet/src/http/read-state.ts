// What a reader may see of the state tree. Interface specification, "Request: Read state".
import { isUtf8 } from 'node:buffer'
import { Principal } from '@dfinity/principal'
import {
  canisterLeaves,
  equalBytes,
  hex,
  type Leaf,
  type Path,
  rangeLeaves,
  requestLeaves,
} from '../certificates/index.ts'
import type { CanisterFacts, Host, StoredRequest, Subnet } from '../contracts.ts'
import { expectTarget, type Targets } from './authentication.ts'
import { HttpProblem } from './problem.ts'

export interface Reader {
  readonly sender: Uint8Array
  readonly targets: Targets
  /** The id in the address. */
  readonly route: { readonly kind: 'canister' | 'subnet'; readonly id: Uint8Array }
}

/** The subnet whose state is read. */
export interface ReadSubnet {
  readonly host: Host
  /** Leaves under `/subnet`. */
  readonly subnets: readonly Leaf[]
  readonly subnet: Subnet
  /** Whether this subnet answers for a request that another one got. */
  readonly answersFor: (request: StoredRequest) => boolean
}

const CANISTER_FIELDS: ReadonlySet<string> = new Set([
  'module_hash',
  'controllers',
  'canister_creation_timestamp',
  'last_install_timestamp',
])

/**
 * @returns the leaves that lie under one of the paths; a path without leaves is absent. `/time` is not among them.
 * @throws HttpProblem 403 for what belongs to somebody else, 404 for a path that nobody may read.
 */
export async function readableLeaves(
  paths: readonly Path[],
  reader: Reader,
  { host, subnets, subnet, answersFor }: ReadSubnet,
): Promise<Leaf[]> {
  const leaves: Leaf[] = []
  const under = (path: Path, all: readonly Leaf[]) => leaves.push(...all.filter((leaf) => startsWith(leaf.path, path)))
  let requestId: Uint8Array | null = null
  for (const path of paths) {
    const [root, second] = path
    switch (root === undefined ? '' : Buffer.from(root).toString('latin1')) {
      case 'time':
        if (path.length > 1) throw invalid()
        break
      case 'subnet':
        under(path, subnets)
        break
      case 'api_boundary_nodes':
        break
      case 'canister_ranges':
        if (reader.route.kind !== 'subnet' || second === undefined || !equalBytes(second, reader.route.id))
          throw invalid()
        under(path, rangeLeaves(subnet))
        break
      case 'request_status':
        if (second === undefined || second.length !== 32) throw invalid()
        if (requestId !== null && !equalBytes(second, requestId)) {
          throw new HttpProblem(400, 'Can only request a single request ID in request_status paths.')
        }
        requestId = second
        under(path, await statusLeaves(second, reader, host, answersFor))
        break
      case 'canister':
        under(path, await visibleCanisterLeaves(path, reader, host))
        break
      default:
        throw invalid()
    }
  }
  return leaves
}

async function statusLeaves(
  requestId: Uint8Array,
  reader: Reader,
  host: Host,
  answersFor: ReadSubnet['answersFor'],
): Promise<Leaf[]> {
  const request = await host.request(requestId)
  if (request === undefined || !answersFor(request)) return []
  if (!equalBytes(request.sender, reader.sender)) {
    throw new HttpProblem(403, 'Request IDs can only be read by the sender of the request.')
  }
  // The creation of a canister has no canister that it is about: its status is read at any address.
  const effective = request.effectiveCanisterId
  if (reader.route.kind === 'canister' && effective.length > 0 && !equalBytes(effective, reader.route.id)) {
    throw new HttpProblem(403, 'The request was made to another canister than the address names.')
  }
  expectTarget(reader.targets, request.canisterId)
  return requestLeaves(requestId, request)
}

async function visibleCanisterLeaves(path: Path, reader: Reader, host: Host): Promise<Leaf[]> {
  const [, canisterId, field, name] = path
  if (canisterId === undefined || field === undefined || reader.route.kind !== 'canister') throw invalid()
  if (!equalBytes(canisterId, reader.route.id)) throw invalid()
  const label = Buffer.from(field).toString('latin1')
  const facts = await host.canister(canisterId)
  if (label === 'metadata') {
    if (name === undefined || path.length !== 4 || !isUtf8(name)) throw invalid()
    const isClosed = facts !== undefined && isPrivate(facts, Buffer.from(name).toString('utf8'))
    if (isClosed && !isController(facts, reader.sender)) {
      throw new HttpProblem(403, `Custom section can only be requested by the controllers of ${text(canisterId)}.`)
    }
  } else if (!CANISTER_FIELDS.has(label) || path.length !== 3) throw invalid()
  return canisterLeaves(canisterId, facts)
}

const isPrivate = (facts: CanisterFacts, section: string): boolean =>
  facts.metadata.some(({ name, visibility }) => name === section && visibility === 'private')
const isController = (facts: CanisterFacts, sender: Uint8Array): boolean =>
  facts.controllers.some((controller) => hex(controller) === hex(sender))
const invalid = () => new HttpProblem(404, 'Invalid path requested.')
const text = (principal: Uint8Array): string => Principal.fromUint8Array(principal).toText()

function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((label, index) => {
    const own = path[index]
    return own !== undefined && equalBytes(own, label)
  })
}
