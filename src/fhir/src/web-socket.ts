// Medplum's core names a global `WebSocket` while it loads, which Node 20 lacks. Nothing of ours opens one: a stand-in that cannot do anything is enough.
// A module of its own, since imports are evaluated in their order: whoever imports Medplum imports this one first.
if (!('WebSocket' in globalThis))
  Object.defineProperty(globalThis, 'WebSocket', { value: class extends EventTarget {} })
