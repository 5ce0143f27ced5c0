import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What is read when the collector asks, from whoever knows it. */
const gauges = {
  event_streams: 'Pages and phones that wait at this process for news.',
  database_connections: 'Connections to PostgreSQL that this process holds.',
  database_idle: 'Connections to PostgreSQL that wait for work.',
  database_waiting: 'Acts that wait for a connection to PostgreSQL.',
  password_queue: 'Password checks that wait or run.',
  audit_unsealed: 'Events of the audit that no batch holds yet (docs/runbooks/audit.md).',
  audit_unsealed_seconds: 'Age of the oldest of them, when it was looked at last.',
} as const
export type GaugeName = keyof typeof gauges

/** The figures of one process. Labels are words of ours and identifiers of agencies: nothing about a citizen. */
export interface Metrics {
  /** One answered request, under the template of its route. */
  request(method: string, route: string, status: number, seconds: number): void
  /** One login that ended: `result` is `identified` or the code of a refusal. */
  login(ending: {
    readonly relyingParty: string
    readonly method: string | undefined
    readonly result: string
    readonly seconds: number
  }): void
  /** One SMS that left, came to its end undelivered, or is to be tried again. */
  sms(outcome: 'sent' | 'failed' | 'retried'): void
  /** One e-mail, likewise. */
  email(outcome: 'sent' | 'failed' | 'retried'): void
  /** One push message, likewise. */
  push(outcome: 'sent' | 'failed' | 'retried'): void
  /** One SAML message of an agency, or of nobody known, that was refused: `code` is that of a refusal. */
  samlRefused(refused: { readonly relyingParty: string | undefined; readonly code: string }): void
  /** Metadata of an agency that were read from their address, or could not be. */
  metadata(relyingParty: string, outcome: 'renewed' | 'failed'): void
  /** Days until each agency's last certificate expires; those not named have none. */
  certificates(days: ReadonlyMap<string, number>): void
  /** Days until the certificate of our own SAML keys expires, by the key's state. */
  samlKeys(days: ReadonlyMap<string, number>): void
  /** Has the gauge read by `read` whenever the collector asks. */
  watch(gauge: GaugeName, read: () => number): void
  readonly contentType: string
  /** Everything, in Prometheus' text format. */
  text(): Promise<string>
}

/** Each call makes figures of its own: two servers in one test process do not add up. */
export function makeMetrics({ deployment }: { readonly deployment: string }): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ deployment })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 })
  const registers = [registry]
  const requests = new Histogram({
    name: 'clave_http_request_seconds',
    help: 'Time to answer, by route template and class of status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const logins = new Counter({
    name: 'clave_logins_total',
    help: 'Logins that ended, by agency, method and result (docs/errors.md).',
    labelNames: ['relying_party', 'method', 'result'] as const,
    registers,
  })
  const durations = new Histogram({
    name: 'clave_login_seconds',
    help: 'Time from the request of the agency to the end of the login.',
    labelNames: ['method'] as const,
    buckets: [0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1200],
    registers,
  })
  const sms = new Counter({
    name: 'clave_sms_total',
    help: 'SMS by what became of them.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const email = new Counter({
    name: 'clave_email_total',
    help: 'E-mails by what became of them.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const push = new Counter({
    name: 'clave_push_total',
    help: 'Push messages by what became of them.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const samlRefused = new Counter({
    name: 'clave_saml_refused_total',
    help: 'SAML messages that were refused, by agency and reason (docs/errors.md).',
    labelNames: ['relying_party', 'code'] as const,
    registers,
  })
  const metadata = new Counter({
    name: 'clave_saml_metadata_total',
    help: 'Metadata read from the address of an agency, by what became of it.',
    labelNames: ['relying_party', 'outcome'] as const,
    registers,
  })
  const certificates = new Gauge({
    name: 'clave_certificate_days',
    help: 'Days until the last certificate of an agency expires.',
    labelNames: ['relying_party'] as const,
    registers,
  })
  const samlKeys = new Gauge({
    name: 'clave_saml_key_days',
    help: 'Days until the certificate of our own SAML key expires (docs/runbooks/rotate-keys.md).',
    labelNames: ['state'] as const,
    registers,
  })
  return {
    request: (method, route, status, seconds) =>
      requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds),
    login({ relyingParty, method = 'none', result, seconds }) {
      logins.inc({ relying_party: relyingParty, method, result })
      durations.observe({ method }, seconds)
    },
    sms: (outcome) => sms.inc({ outcome }),
    email: (outcome) => email.inc({ outcome }),
    push: (outcome) => push.inc({ outcome }),
    samlRefused: ({ relyingParty = 'unknown', code }) => samlRefused.inc({ relying_party: relyingParty, code }),
    metadata: (relyingParty, outcome) => metadata.inc({ relying_party: relyingParty, outcome }),
    certificates(days) {
      certificates.reset()
      for (const [relyingParty, left] of days) certificates.set({ relying_party: relyingParty }, left)
    },
    samlKeys(days) {
      samlKeys.reset()
      for (const [state, left] of days) samlKeys.set({ state }, left)
    },
    watch(gauge, read) {
      const collect = function (this: Gauge) {
        this.set(read())
      }
      new Gauge({ name: `clave_${gauge}`, help: gauges[gauge], registers, collect })
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}
