import { sweepCodes } from './authentication/index.ts'
import { sweepLockout } from './lockout/index.ts'
import type { Machinery } from './machinery.ts'
import { makeDelivery, openSmpp, type Channel } from './messaging/index.ts'
import { startWorker, sweepOnce, type Metrics, type Sweep } from './platform/index.ts'

/** What does the work that no page waits for: sends messages, forgets what is over. */
export interface WorkerApp {
  /** Whether the SMS gateway is there. */
  smsBound(): boolean
  /** Carries out at once all that is due: after the sandbox moved the clock. */
  sweepDue(): Promise<void>
  /** Takes no more work, finishes what runs, and says goodbye to the SMS gateway. */
  stop(): Promise<void>
}

const hour = 3_600
const day = 24 * hour

export function buildWorker(machinery: Machinery): WorkerApp {
  const { config, db, store, clock, random, envelope, limits, log, metrics } = machinery
  const sms = openSmpp({
    url: config.smppUrl!,
    sender: config.smsSender,
    random,
    log,
    onReceipt: (receipt) => delivery.received(receipt),
  })
  const delivery = makeDelivery({ db, clock, random, envelope, log, sms: counted(sms, metrics) })
  const sweeps: readonly Sweep[] = [
    ...delivery.sweeps,
    { name: 'sweep-store', every: 60, run: () => store.sweep() },
    { name: 'sweep-once', every: hour, run: () => sweepOnce(db, clock.wire()) },
    // A dead code still counts among those of the last hour.
    { name: 'sweep-codes', every: hour, run: () => sweepCodes(db, clock.in(-day)) },
    { name: 'sweep-lockout', every: day, run: () => sweepLockout(db, { clock, limits }) },
  ]
  const worker = startWorker({
    url: config.databaseUrl,
    handlers: { 'deliver-message': ({ id }) => delivery.deliver(id) },
    sweeps,
    concurrency: 50,
    log,
  })
  return {
    smsBound: () => sms.bound(),
    sweepDue: () => worker.sweepDue(),
    async stop() {
      await worker.stop()
      await sms.close()
      await delivery.close()
    },
  }
}

/** The same channel, its outcomes counted. */
const counted = (channel: Channel, metrics: Metrics): Channel => ({
  ...channel,
  async send(message) {
    const handed = await channel.send(message)
    metrics.sms('accepted' in handed ? 'sent' : handed.refused === 'for-good' ? 'failed' : 'retried')
    return handed
  },
})
