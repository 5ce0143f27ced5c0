import { locales } from '../i18n.ts'
import * as kinds from './kinds.ts'

/** The commands that read the configuration. */
export type Command = 'serve' | 'worker' | 'migrate' | 'sandbox' | 'rp' | 'citizen' | 'keys' | 'audit'

/** One setting: how it is read, who needs it, and what docs/config.md says of it. */
export interface Setting {
  readonly kind: kinds.Kind<unknown>
  /** Without a default a setting that nobody needs may be absent. */
  readonly default?: string | number | boolean | readonly string[]
  /** The commands that do not start without it. */
  readonly neededBy?: readonly Command[]
  /** It is needed (by those commands) only where another setting has this value. */
  readonly neededWhen?: { readonly setting: string; readonly is: string }
  /** Never in config/, never printed; may be given as a file by NAME_FILE. */
  readonly secret?: true
  readonly what: string
  readonly example: string
}

/** Every setting of the service: parsing, checking, the type `Config` and docs/config.md come from this table. */
export const settings = {
  CONFIG: {
    kind: kinds.identifier,
    what: 'Which file of `config/` is read, without `.json`. The environment wins over the file. None: no file.',
    example: 'production',
  },
  DEPLOYMENT: {
    kind: kinds.identifier,
    default: 'clave',
    what: 'Name of this installation, in log lines, metrics and on the connections to PostgreSQL.',
    example: 'clave-pre',
  },
  BASE_URL: {
    kind: kinds.publicOrigin,
    neededBy: ['serve', 'worker'],
    what: 'Where browsers and agencies find the service: the OIDC issuer. Changing it breaks every agency.',
    example: 'https://clave.example',
  },
  HOST: {
    kind: kinds.text,
    default: '127.0.0.1',
    what: 'Address to listen on; `0.0.0.0` in a container.',
    example: '0.0.0.0',
  },
  PORT: {
    kind: kinds.wholeNumber(0, 65_535),
    default: 8080,
    what: 'Port of the server.',
    example: '8080',
  },
  WORKER_PORT: {
    kind: kinds.wholeNumber(0, 65_535),
    default: 8081,
    what: 'Port of the worker, for its health and metrics only.',
    example: '8081',
  },
  TRUST_PROXY: {
    kind: kinds.trustedProxies,
    default: false,
    what: "Which proxies are believed about the client's address, the scheme and the request id.",
    example: '10.0.0.0/8',
  },
  DRAIN_SECONDS: {
    kind: kinds.wholeNumber(0, 5),
    default: 0,
    what: 'Seconds that the server, told to stop, goes on accepting while `/health/ready` says 503, so that the balancer notices.',
    example: '3',
  },
  DATABASE_URL: {
    kind: kinds.address('postgres', 'postgresql'),
    neededBy: ['serve', 'worker', 'rp', 'citizen', 'keys', 'audit'],
    secret: true,
    what: 'PostgreSQL, as the role of the application: reads and writes rows, changes no table.',
    example: 'postgres://clave:…@db:5432/clave',
  },
  MIGRATE_DATABASE_URL: {
    kind: kinds.address('postgres', 'postgresql'),
    neededBy: ['migrate'],
    secret: true,
    what: 'PostgreSQL, as the owner of the tables. Only `migrate` needs it; the server and the worker must not have it.',
    example: 'postgres://clave_owner:…@db:5432/clave',
  },
  APPLICATION_ROLE: {
    kind: kinds.identifier,
    default: 'clave',
    what: 'Role of DATABASE_URL, which `migrate` gives its rights on rows.',
    example: 'clave',
  },
  DATABASE_POOL: {
    kind: kinds.wholeNumber(2, 200),
    default: 20,
    what: 'Connections to PostgreSQL at most, for each process.',
    example: '20',
  },
  STORE: {
    kind: kinds.choice('postgres', 'redis'),
    default: 'postgres',
    what: 'Where logins and sessions under way are kept: what may be lost at the price of logging in again.',
    example: 'redis',
  },
  REDIS_URL: {
    kind: kinds.address('redis', 'rediss'),
    neededBy: ['serve', 'worker'],
    neededWhen: { setting: 'STORE', is: 'redis' },
    secret: true,
    what: 'Redis, for `STORE=redis`.',
    example: 'redis://:…@redis:6379/0',
  },
  MASTER_KEYS: {
    kind: kinds.namedKeys,
    neededBy: ['serve', 'worker', 'keys', 'audit'],
    secret: true,
    what: 'Keys that seal the secrets in the database. The first seals, the others still open what they sealed (docs/runbooks/rotate-keys.md).',
    example: '2026-11:q7c…=,2025-11:u0F…=',
  },
  PAIRWISE_SECRET: {
    kind: kinds.longText(32),
    neededBy: ['serve', 'worker'],
    secret: true,
    what: 'What the identifiers that agencies know citizens by (`sub`) are derived from. **It must never change**: every agency would see strangers. Made by `openssl rand -base64 48`.',
    example: 'hT5w…',
  },
  SMPP_URL: {
    kind: kinds.address('smpp', 'smpps'),
    neededBy: ['worker'],
    secret: true,
    what: 'The SMS gateway, by SMPP 3.4; `smpps` is SMPP over TLS.',
    example: 'smpps://user:…@sms.example:3550',
  },
  SMS_SENDER: {
    kind: kinds.smsSender,
    default: 'Clave',
    what: 'Sender of the SMS, as agreed with the operator.',
    example: 'Clave',
  },
  SMTP_URL: {
    kind: kinds.address('smtp', 'smtps'),
    secret: true,
    what: 'The mail server. `smtps` is TLS from the beginning (port 465); `smtp` is STARTTLS (port 587), without which nothing is sent, unless the server is on this machine or the address ends in `?starttls=no`. None: this installation sends no e-mail, the worker says so when it starts, and what would be sent is kept as failed, without its text.',
    example: 'smtps://user:…@mail.example:465',
  },
  EMAIL_FROM: {
    kind: kinds.mailbox,
    what: 'Sender of the e-mails; SPF and DKIM of its domain must let the mail server send for it. None: `no-reply@` the host of BASE_URL.',
    example: 'no-reply@clave.example',
  },
  PUSH_CONTACT: {
    kind: kinds.contact,
    what: 'Whom the push services of the browsers turn to about our messages: `mailto:` or https. None: BASE_URL.',
    example: 'mailto:operations@clave.example',
  },
  PUSH_HOSTS: {
    kind: kinds.hosts,
    default: ['fcm.googleapis.com', '*.push.services.mozilla.com', 'web.push.apple.com', '*.notify.windows.com'],
    what: "The hosts of push services that messages are sent to. A subscription's address comes from the citizen's browser: with `*` a browser may name any host of the public Internet.",
    example: 'fcm.googleapis.com,*.push.services.mozilla.com,web.push.apple.com',
  },
  LETTER_SPOOL: {
    kind: kinds.text,
    default: '.letters',
    what: 'The print spool: a directory that the worker writes invitation letters to, sealed, and the printer reads (docs/runbooks/letters.md).',
    example: '/var/spool/clave',
  },
  LOCALE_DEFAULT: {
    kind: kinds.choice(...locales),
    default: 'es',
    what: 'Language of pages and messages where neither the agency nor the browser asks for another.',
    example: 'es',
  },
  LOG_LEVEL: {
    kind: kinds.choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    what: 'The least level that is logged.',
    example: 'info',
  },
  METRICS: {
    kind: kinds.choice('off', 'open', 'token'),
    default: 'off',
    what: '`/metrics`: not there; open to whoever reaches the port; or for those who send `Authorization: Bearer` with METRICS_TOKEN.',
    example: 'token',
  },
  METRICS_TOKEN: {
    kind: kinds.longText(16),
    neededBy: ['serve', 'worker'],
    neededWhen: { setting: 'METRICS', is: 'token' },
    secret: true,
    what: 'What the collector of metrics has to send, for `METRICS=token`. Made by `openssl rand -hex 24`.',
    example: '9f8e…',
  },
  AGENCIES_PORT: {
    kind: kinds.wholeNumber(0, 65_535),
    default: 8090,
    what: 'Sandbox: port of the demo agencies.',
    example: '8090',
  },
  CERTIFICATE_PORT: {
    kind: kinds.wholeNumber(0, 65_535),
    default: 8443,
    what: 'Sandbox: port of the certificate host.',
    example: '8443',
  },
  SANDBOX_DATA: {
    kind: kinds.text,
    default: '.sandbox',
    what: 'Sandbox: the directory of its database and keys.',
    example: '.sandbox',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Name>

type ValueOf<Row, For extends Command> = Row extends { readonly kind: kinds.Kind<infer Value> }
  ? Row extends { readonly default: unknown }
    ? Value
    : Row extends { readonly neededWhen: unknown }
      ? Value | undefined
      : Row extends { readonly neededBy: readonly (infer Needing)[] }
        ? [For] extends [Needing]
          ? Value
          : Value | undefined
        : Value | undefined
  : never

/** The settings as the command `For` sees them: BASE_URL is `config.baseUrl`; what it needs is never `undefined`. */
export type Config<For extends Command = 'serve'> = {
  readonly [Name in SettingName as Camel<Name>]: ValueOf<(typeof settings)[Name], For>
} & {
  /** LIMIT_PIN_LIFETIME=300 is `{ pinLifetime: 300 }`: what this installation sets otherwise than the table of limits. */
  readonly limits: Readonly<Record<string, number>>
}
