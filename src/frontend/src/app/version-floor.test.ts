import { describe, expect, test } from 'vitest'
import { isOlderThanBefore } from './version-floor.ts'

const deviceOf = (version: string | null) => {
  const kept = new Map(version === null ? [] : [['medguard.version', version]])
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
}

describe('a page', () => {
  test.each([
    [null, '0.1.0', false],
    ['0.1.0', '0.1.0', false],
    ['0.9.0', '0.10.0', false],
    ['0.10.0', '0.9.9', true],
    ['2.0.0', '1.99.99', true],
    ['1.2.3', '1.2.4', false],
    ['1.2.4', '1.2.3', true],
    ['what somebody else wrote', '0.1.0', false],
    [null, '', false],
    ['0.1.0', '', true],
  ])('after %s is of version %s: older is %s, and what was newer is remembered', (before, version, isOlder) => {
    const device = deviceOf(before)
    expect(isOlderThanBefore(version, device)).toBe(isOlder)
    expect(device.kept.get('medguard.version')).toBe(isOlder || version === '' ? (before ?? undefined) : version)
    // Neither a second look nor the way back changes that.
    expect(isOlderThanBefore(version, device)).toBe(isOlder)
    if (!isOlder && version !== '') expect(isOlderThanBefore('0.0.1', device)).toBe(true)
  })
})
