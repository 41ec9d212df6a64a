import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { FAILED_POLLS_MAX, POLL_EVERY_MS } from '../app/changes-poller.ts'
import { useServices } from '../app/context.ts'
import { type Services, setTimer } from '../app/services.ts'
import { type Board, createBoard } from './board-store.ts'

/** One for each sign-in: who comes back to it from a patient finds it as it was, and nobody is listed a second time for it. */
const boards = new WeakMap<Services, Board>()
function boardOf(services: Services): Board {
  const known = boards.get(services)
  if (known !== undefined) return known
  const { client, received } = services
  const isVisible = () => document.visibilityState === 'visible'
  const board = createBoard({ client, now: Date.now, isVisible, setTimer })
  // Also while another page is on the screen: what is over is forgotten at once.
  received.subscribe(({ view }) => {
    if (view.status === 'ready') board.follow(view.value)
  })
  const { view } = received.getState()
  if (view.status === 'ready') board.follow(view.value)
  boards.set(services, board)
  return board
}

/** Out of sight for longer, the page asks before it shows anything again. */
const HIDDEN_MAX_MS = FAILED_POLLS_MAX * POLL_EVERY_MS

/** @returns the board, and whether it is known that what stands on it is still shared. */
export function useBoard(): { readonly board: Board; readonly isCut: boolean; readonly isAsking: boolean } {
  const services = useServices()
  const { received, poller } = services
  const board = boardOf(services)
  const isCut = useStore(poller.live, ({ failures }) => failures >= FAILED_POLLS_MAX)
  const [returns, setReturns] = useState(0)
  const [answered, setAnswered] = useState<string | null>(null)
  const question = `${isCut} ${returns}`
  useEffect(() => {
    let isHere = true
    const ask = async () => {
      await received.getState().load()
      if (isHere) setAnswered(question)
    }
    if (!isCut) void ask()
    return () => {
      isHere = false
    }
  }, [received, isCut, question])
  useEffect(() => {
    let hiddenMs: number | null = null
    const look = () => {
      if (document.visibilityState === 'hidden') hiddenMs = Date.now()
      else {
        if (hiddenMs !== null && Date.now() - hiddenMs > HIDDEN_MAX_MS) setReturns((before) => before + 1)
        board.start()
      }
    }
    document.addEventListener('visibilitychange', look)
    board.start()
    return () => {
      document.removeEventListener('visibilitychange', look)
      board.stop()
    }
  }, [board])
  return { board, isCut, isAsking: answered !== question }
}
