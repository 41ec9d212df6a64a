import type { Hosting } from '@medguard/client'

/** One place where parts of MedGuard are: a subnet, whose nodes each hold a copy of all of it. */
export interface Place {
  readonly subnetId: string
  readonly nodes: readonly string[]
  readonly parts: readonly Hosting[]
}

export function placesOf(hosting: readonly Hosting[]): Place[] {
  const subnets = new Map(hosting.map(({ subnetId, nodes }) => [subnetId, nodes]))
  return [...subnets].map(([subnetId, nodes]) => ({
    subnetId,
    nodes,
    parts: hosting.filter((part) => part.subnetId === subnetId),
  }))
}

/** Whether somebody may change the code of two parts: then that two of them must agree protects against nobody who can (docs/security.md). */
export function isOneHand(hosting: readonly Hosting[]): boolean {
  const all = hosting.flatMap(({ controllers }) => controllers)
  return new Set(all).size < all.length
}
