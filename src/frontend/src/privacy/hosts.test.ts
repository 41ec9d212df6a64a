import type { Hosting } from '@medguard/client'
import { expect, test } from 'vitest'
import { isOneHand, placesOf } from './hosts.ts'

const part = (name: string, subnetId: string, nodes: string[], controllers: string[]): Hosting => ({
  name,
  canisterId: `${name}-cai`,
  subnetId,
  nodes,
  controllers,
  moduleHash: '00',
})

test('parts of one subnet are in one place, with its nodes counted once', () => {
  const hosting = [
    part('consent', 's', ['a', 'b'], []),
    part('records', 't', ['c'], []),
    part('audit', 's', ['a', 'b'], []),
  ]
  expect(
    placesOf(hosting).map(({ subnetId, nodes, parts }) => [subnetId, nodes, parts.map(({ name }) => name)]),
  ).toEqual([
    ['s', ['a', 'b'], ['consent', 'audit']],
    ['t', ['c'], ['records']],
  ])
})

test('one hand has two parts as soon as anybody controls both', () => {
  expect(
    isOneHand([part('consent', 's', [], ['x']), part('records', 's', [], ['y']), part('audit', 's', [], [])]),
  ).toBe(false)
  expect(
    isOneHand([part('consent', 's', [], ['x', 'z']), part('records', 's', [], ['y']), part('audit', 's', [], ['z'])]),
  ).toBe(true)
})
