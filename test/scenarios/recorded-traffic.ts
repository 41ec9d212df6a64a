/** Every HTTP message of this process from now on: addresses, headers and bodies in both directions. Start it before any agent is made. */
export function recordTraffic(): {
  readonly bytes: () => Uint8Array
  readonly exchanges: () => number
  restore(): void
} {
  const platformFetch = globalThis.fetch
  const seen: Uint8Array[] = []
  let exchanges = 0
  const note = (text: string) => seen.push(Buffer.from(`${text}\n`))
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    note(`${request.method} ${request.url}`)
    for (const [name, value] of request.headers) note(`${name}: ${value}`)
    seen.push(new Uint8Array(await request.clone().arrayBuffer()))
    const response = await platformFetch(request)
    for (const [name, value] of response.headers) note(`${name}: ${value}`)
    seen.push(new Uint8Array(await response.clone().arrayBuffer()))
    exchanges++
    return response
  }
  return {
    bytes: () => Buffer.concat(seen),
    exchanges: () => exchanges,
    restore() {
      globalThis.fetch = platformFetch
    },
  }
}
