import { accountSweeps } from './account/index.ts'
import { auditSweeps } from './audit/index.ts'
import { dropSubscription, movilSweeps, permanenteSweeps, sweepCodes } from './authentication/index.ts'
import { sweepLockout } from './lockout/index.ts'
import type { Machinery } from './machinery.ts'
import {
  makeDelivery,
  makeMessages,
  openPushKey,
  openSmpp,
  openSmtp,
  openWebPush,
  type Channel,
  type EmailChannel,
} from './messaging/index.ts'
import { postgresCivilRegister } from './civil-register/index.ts'
import { registrationSweeps, type LetterPressParts } from './registration/index.ts'
import { relyingPartySweeps } from './relying-party/index.ts'
import {
  deriveKey,
  openEnvelope,
  signingKeySweeps,
  startWorker,
  sweepOnce,
  type Metrics,
  type Sweep,
} from './platform/index.ts'

/** What does the work that no page waits for: sends messages, forgets what is over. */
export interface WorkerApp {
  /** Whether jobs are being fetched. */
  fetchesJobs(): boolean
  /** Whether the SMS gateway is there. */
  smsBound(): boolean
  /** Whether the mail server is there; `undefined`: this installation has none. */
  emailReachable(): boolean | undefined
  /** Carries out at once all that is due: after the sandbox moved the clock. */
  sweepDue(): Promise<void>
  /** Does what no sweep may run beside: the sandbox's reset. */
  whileSweepsRest(work: () => Promise<void>): Promise<void>
  /** Takes no more work, finishes what runs, and says goodbye to the SMS gateway. */
  stop(): Promise<void>
}

const hour = 3_600
const day = 24 * hour

/** `insecureAgencies`: agencies may have http addresses, and be on this machine (the sandbox). */
export function buildWorker(
  machinery: Machinery,
  { insecureAgencies = false }: { readonly insecureAgencies?: boolean } = {},
): WorkerApp {
  const { config, db, store, once, clock, random, envelope, i18n, limits, log, metrics } = machinery
  const sms = openSmpp({
    url: config.smppUrl!,
    sender: config.smsSender,
    random,
    log,
    onReceipt: (receipt) => delivery.received(receipt),
  })
  const email = openEmail(machinery)
  const push = openWebPush({
    ...{ hosts: config.pushHosts, baseUrl: config.baseUrl, allowHttp: insecureAgencies },
    ...(config.pushContact === undefined ? {} : { contact: config.pushContact }),
    key: () => openPushKey({ db, envelope, clock }),
    onGone: (digest) => dropSubscription(db, digest),
    clock,
    log,
  })
  const delivery = makeDelivery({
    ...{ db, clock, random, envelope, log },
    sms: { ...sms, send: counted(sms.send, metrics.sms) },
    ...(email ? { email: { ...email, send: counted(email.send, metrics.email) } } : {}),
    push: { ...push, send: counted(push.send, metrics.push) },
  })
  const messages = makeMessages({ clock, envelope, i18n, baseUrl: config.baseUrl })
  const sweeps: readonly Sweep[] = [
    ...delivery.sweeps,
    { name: 'sweep-store', every: 60, run: () => store.sweep() },
    { name: 'sweep-once', every: hour, run: () => sweepOnce(db, clock.wire()) },
    // A dead code still counts among those of the last hour.
    { name: 'sweep-codes', every: hour, run: () => sweepCodes(db, clock.in(-day)) },
    ...auditSweeps({ db, clock, envelope, log, metrics, startsAnew: insecureAgencies }),
    ...movilSweeps({ db, clock }),
    ...permanenteSweeps({ db, clock, random, messages, limits }),
    ...accountSweeps({ db, clock, random, messages }),
    ...registrationSweeps({ ...letterParts(machinery), messages }),
    ...signingKeySweeps({ db, clock, once, log, metrics }),
    ...relyingPartySweeps({ db, clock, once, log, metrics, allowHttp: insecureAgencies }),
    { name: 'sweep-lockout', every: day, run: () => sweepLockout(db, { clock, limits }) },
  ]
  const worker = startWorker({
    url: config.databaseUrl,
    handlers: { 'deliver-message': (job) => delivery.deliver(job) },
    sweeps,
    concurrency: 50,
    log,
  })
  return {
    fetchesJobs: () => worker.fetching(),
    smsBound: () => sms.bound(),
    emailReachable: () => email?.reachable(),
    sweepDue: () => worker.sweepDue(),
    whileSweepsRest: (work) => worker.whileSweepsRest(work),
    async stop() {
      // A sweep may be waiting for the mail server, which is not waited for.
      await Promise.all([worker.stop(), email?.close()])
      await Promise.all([sms.close(), push.close()])
      await delivery.close()
    },
  }
}

/** What makes letters and puts them into the printer's spool, which has a key of its own. */
export function letterParts({ config, db, registerDb, clock, ...machinery }: Machinery): LetterPressParts {
  const { random, digest, limits, i18n, log } = machinery
  return {
    ...{ db, clock, random, digest, limits, i18n, log },
    envelope: openEnvelope(config.masterKeys.map(({ id, key }) => ({ id, key: deriveKey(key, 'letter-spool') }))),
    register: postgresCivilRegister({ db: registerDb, clock }),
    baseUrl: config.baseUrl,
    directory: config.letterSpool,
  }
}

/** The mail server, where there is one. */
function openEmail({ config, random, log }: Machinery): EmailChannel | undefined {
  if (config.smtpUrl === undefined) {
    log.warn({ part: 'email', state: 'off' }, 'no e-mail is sent: SMTP_URL is not set')
    return undefined
  }
  const host = new URL(config.baseUrl).hostname
  return openSmtp({ url: config.smtpUrl, from: config.emailFrom ?? `no-reply@${host}`, host, random, log })
}

/** The same sending, its outcomes counted. */
function counted<Message>(send: Channel<Message>['send'], count: Metrics['sms']): Channel<Message>['send'] {
  return async (message) => {
    const handed = await send(message)
    count('accepted' in handed ? 'sent' : handed.refused === 'for-good' ? 'failed' : 'retried')
    return handed
  }
}
