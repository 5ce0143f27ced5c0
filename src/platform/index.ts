export { readAssets, type Assets } from './assets.ts'
export { clockWith, epochSeconds, systemClock, type Clock } from './clock.ts'
export { databaseClock, type DatabaseClock, type DatabaseClockParts } from './database-clock.ts'
export {
  makeConfinedRequest,
  type ConfinedFault,
  type ConfinedOptions,
  type ConfinedRequest,
} from './confined/confined-request.ts'
export { mayConnectTo } from './confined/public-address.ts'
export { saidAway } from './database-away.ts'
export {
  openDb,
  quickStatement,
  statement,
  unflushed,
  withoutFlush,
  type Db,
  type DbOptions,
  type Sql,
  type Statement,
  type Tx,
} from './db.ts'
export {
  deriveKey,
  digestWith,
  NotOpened,
  openEnvelope,
  type Digest,
  type Envelope,
  type EnvelopeKey,
} from './envelope.ts'
export { addJob, insertJobSql, type JobName, type JobPayloads } from './jobs.ts'
export { startWorker, type JobHandlers, type Worker, type WorkerOptions } from './jobs/worker.ts'
export type { Sweep } from './jobs/sweep.ts'
export { systemTimers, type Timers } from './jobs/timers.ts'
export { daysUntil, expiryWarning, type ExpiryWarning } from './keys/expiry-warning.ts'
export { signingKeySweeps, type SigningKeySweepParts } from './keys/sweeps.ts'
export {
  openSigningKeys,
  signingAlgs,
  type KeyRing,
  type SamlKey,
  type SigningAlg,
  type SigningKey,
  type SigningKeyParts,
  type SigningKeys,
  type SigningKeyState,
} from './keys/signing-keys.ts'
export { selfSignedCertificate, type CertificateContent } from './keys/self-signed-certificate.ts'
export { copyDatabase, createDatabase, dropDatabase, type DatabaseUrls } from './create-database.ts'
export { migrate, pendingMigrations, type MigrateOptions } from './migrate.ts'
export { claimOnceSql, onceIn, sweepOnce, type Once, type OnceKind } from './once.ts'
export { systemRandom, type Random } from './random.ts'
export type { Entry, EphemeralStore } from './store/port.ts'
export { postgresStore, type PostgresStoreParts } from './store/postgres.ts'
export { redisStore, type RedisStoreParts } from './store/redis.ts'
export { StoreUnreachable } from './store/unreachable.ts'
export {
  loadI18n,
  locales,
  type I18n,
  type Locale,
  type TextDetails,
  type TextKey,
  type Texts,
  type Translate,
} from './i18n.ts'
export { openEventStream, type EventStream } from './http/event-stream.ts'
export { makeHttp, type App, type HttpParts } from './http/http.ts'
export { refuseOtherMethods } from './http/other-methods.ts'
export { modelOf, saidAgain, sayAgainAt, type SaidAgain } from './http/said-again.ts'
export { visitOf, type Visit } from './http/visit.ts'
export { notePutOff } from './http/errors.ts'
export { incidentOf, wantsProblem, type HttpProblem, type PageModel, type Refused } from './http/reply.ts'
export {
  atOf,
  type JourneyAnswer,
  type JourneyPage,
  type JourneyTable,
  type JourneyTurn,
  type Lost,
  type StartAnswer,
  type StartPage,
  type StartTurn,
} from './journey/page.ts'
export type { Journey } from './journey/record.ts'
export { mountJourneys } from './journey/routes.ts'
export { calendarDay, dayAndTime, timeInSentence, timeOfDay } from './say-time.ts'
export { blank, type Printed } from './views/stencil.ts'
export type { PageProblem } from './views/views.ts'
export { makeLog, type AllowlistLog, type Log, type LogFields, type LogOptions } from './log.ts'

export { environment, type Environment } from './config/environment.ts'
export { documentLog } from './document-log.ts'
export { documentConfig } from './config/document-config.ts'
export { ConfigError, readConfig, type ConfigSources, type LimitRules } from './config/read-config.ts'
export type { Command, Config, SettingName } from './config/settings.ts'
export { makeHealth, type Health, type HealthCheck, type Readiness } from './health.ts'
export { healthRoutes } from './health-routes.ts'
export { makeMetrics, type Metrics } from './metrics.ts'
export { measureRequests, metricsRoutes, type MetricsAccess } from './metrics-routes.ts'
export { requestIds } from './request-id.ts'
export { closeServer, stopWithGrace, type StopStep } from './shutdown.ts'
export {
  attributeOf,
  decodeBase64,
  faultOfSignatureMethod,
  isXmlFault,
  openSigned,
  readXml,
  signatureNamespace,
  verifyOctets,
  type SignedXml,
  type VerifiedXml,
  type VerifyingKey,
  type XmlAttribute,
  type XmlClaims,
  type XmlElement,
  type XmlFault,
  type XmlLimits,
} from './xml/index.ts'
