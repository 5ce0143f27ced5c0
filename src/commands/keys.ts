import {
  openDb,
  openEnvelope,
  openSigningKeys,
  signingAlgs,
  systemClock,
  type Environment,
  type SigningKeys,
} from '../platform/index.ts'
import { settingsFor } from '../settings.ts'

export async function keys([act, wanted]: readonly string[], environment: Environment): Promise<number> {
  const alg = wanted === undefined ? 'ES256' : signingAlgs.find((one) => one === wanted)
  if ((act !== 'list' && act !== 'rotate') || !alg)
    return refuse('clave keys list | clave keys rotate [ES256|RS256]', 2)
  const { databaseUrl, deployment, masterKeys } = settingsFor('keys', environment)
  const db = openDb({ url: databaseUrl, size: 2, applicationName: `${deployment} keys` })
  try {
    const signing = await openSigningKeys({ db, envelope: openEnvelope(masterKeys), clock: systemClock })
    if (act === 'rotate' && !(await signing.rotate(alg)))
      return refuse('Somebody else changed the keys just now; nothing was done.', 1)
    return list(signing)
  } finally {
    await db.close()
  }
}

function list(signing: SigningKeys): number {
  for (const { alg, state, kid } of signing.ring().keys) process.stdout.write(`${alg}\t${state}\t${kid}\n`)
  return 0
}

function refuse(line: string, exitCode: number): number {
  process.stderr.write(`${line}\n`)
  return exitCode
}
