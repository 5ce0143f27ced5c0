/**
 * The worker's letter job as a process of its own, which kills itself (SIGKILL) where it is told to:
 * `node letter-job.ts <database url> <spool> <nth> <where>`. `where`: `before` or `after` the nth statement, or in the
 * middle of writing the nth `file`; `nth` 0: it lives.
 */
import { postgresCivilRegister } from '../../src/civil-register/index.ts'
import { defaultLimits } from '../../src/lockout/index.ts'
import {
  clockWith,
  digestWith,
  loadI18n,
  makeLog,
  openDb,
  openEnvelope,
  systemRandom,
  type Random,
} from '../../src/platform/index.ts'
import { makeLetters, readAcknowledgements } from '../../src/registration/index.ts'
import { mortal, type When } from './failpoints.ts'

const [url = '', directory = '', nth = '0', where = '', ahead = '0'] = process.argv.slice(2)
const kill = () => void process.kill(process.pid, 'SIGKILL')

/** A file's own name is drawn just before it is opened: the process dies soon after, whatever it is at. */
function dyingInFile(random: Random): Random {
  let left = Number(nth)
  return {
    ...random,
    token(bytes) {
      if (--left === 0) setImmediate(kill)
      return random.token(bytes)
    },
  }
}

const pool = openDb({ url, size: 4 })
const db = mortal(pool, kill)
if (Number(nth) > 0 && where !== 'file') db.dieAt(Number(nth), where as When)
const clock = clockWith(() => Number(ahead))
const parts = {
  ...{ db, clock, directory },
  random: where === 'file' ? dyingInFile(systemRandom) : systemRandom,
  // Those of scene.ts.
  digest: digestWith(Buffer.alloc(32, 7)),
  envelope: openEnvelope([{ id: 'test', key: Buffer.alloc(32, 9) }]),
  limits: defaultLimits,
  i18n: loadI18n({ strict: true }),
  register: postgresCivilRegister({ db: pool, clock }),
  log: makeLog({ level: 'silent', deployment: 'test' }),
  baseUrl: 'https://clave.example',
}
await makeLetters(parts)
await readAcknowledgements(parts)
await pool.close()
