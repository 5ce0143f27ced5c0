import { saidAway, statement, systemTimers, type Db, type Log, type Timers } from '../platform/index.ts'
import type { Receipt } from './channel.ts'
import { gather } from './gather.ts'
import { recordReceipts } from './outbox-table.ts'

export interface ReceiptParts {
  readonly db: Db
  readonly log: Log
  /** The system's unless told. */
  readonly timers?: Timers
}

export interface Receipts {
  take(receipt: Receipt): void
  /** Writes down what was taken: at once, whatever it waits for. */
  close(): Promise<void>
}

/** Receipts written down in one statement. */
const batch = 50
/** Milliseconds between two such statements: each is a commit of its own. */
const pause = 200
/** Milliseconds after which a receipt is tried again, or the database asked whether it is back. */
const nextTry = 1_000
/** Receipts that wait here at most: what a busy hour brings in some minutes without a database. */
const most = 20_000

const ping = statement('messaging.ping', 'select')

/** What the provider tells of SMS that it has taken. `recorded`: all that this worker has sent is written down. */
export function takeReceipts(parts: ReceiptParts, recorded: () => Promise<void>): Receipts {
  const { db, log, timers = systemTimers } = parts
  /** One line tells of many: there is no room for more, or the process ends before the database is back. */
  let lost = 0
  const write = gather<Receipt, boolean>(
    batch,
    async (receipts) => {
      // A receipt may overtake the record of what it is about.
      await recorded().catch(() => {})
      const known = await recordReceipts(db, receipts)
      return receipts.map(({ providerId }) => known.has(providerId))
    },
    pause,
  )
  const sayLost = () => {
    if (lost > 0) log.error({ part: 'sms', count: lost }, 'receipts not recorded')
    lost = 0
  }
  const underWay = new Set<Promise<void>>()
  const waiting = new Set<() => void>()
  let closing = false
  const aWhile = () =>
    new Promise<void>((resolve) => {
      if (closing) return resolve()
      const end = () => {
        stop()
        waiting.delete(end)
        resolve()
      }
      const stop = timers.after(nextTry, end)
      waiting.add(end)
    })
  // However many wait, the database is asked by one: one that is coming back has other things to do.
  let back: Promise<void> | undefined
  const untilBack = async (): Promise<void> => {
    for (;;) {
      await aWhile()
      try {
        return void (await db.rows(ping))
      } catch (error) {
        if (closing || !saidAway(error)) throw error
      }
    }
  }
  // The gateway has its answer and forgets: while the database is away nobody else knows of a receipt.
  const writeWhenThere = async (receipt: Receipt): Promise<boolean> => {
    for (;;) {
      await back
      try {
        return await write(receipt)
      } catch (error) {
        if (closing || !saidAway(error)) throw error
        back ??= untilBack().finally(() => {
          back = undefined
          sayLost()
        })
      }
    }
  }
  // Another worker may not have written its message down yet.
  const writeOrTryAgain = async (receipt: Receipt) => {
    if (await writeWhenThere(receipt)) return
    await aWhile()
    await writeWhenThere(receipt)
  }
  return {
    take(receipt: Receipt): void {
      if (underWay.size >= most) return void lost++
      const written = writeOrTryAgain(receipt)
        .catch((err: unknown) => (closing ? void lost++ : log.error({ part: 'sms', err }, 'receipt not recorded')))
        .finally(() => underWay.delete(written))
      underWay.add(written)
    },
    async close(): Promise<void> {
      closing = true
      for (const end of waiting) end()
      await Promise.all(underWay)
      sayLost()
    },
  }
}
