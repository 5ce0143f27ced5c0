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
    return refuse('clave keys list | clave keys rotate [ES256|RS256|RS512]', 2)
  const { databaseUrl, deployment, masterKeys, baseUrl } = settingsFor('keys', environment)
  const db = openDb({ url: databaseUrl, size: 2, applicationName: `${deployment} keys` })
  try {
    const signing = await openSigningKeys({
      db,
      envelope: openEnvelope(masterKeys),
      clock: systemClock,
      commonName: baseUrl === undefined ? deployment : new URL(baseUrl).host,
    })
    if (act === 'rotate' && !(await signing.rotate(alg)))
      return refuse('Somebody else changed the keys just now; nothing was done.', 1)
    return list(signing)
  } finally {
    await db.close()
  }
}

function list(signing: SigningKeys): number {
  const { keys, saml } = signing.ring()
  for (const { alg, state, kid } of keys) process.stdout.write(`${alg}\t${state}\t${kid}\n`)
  for (const { state, kid, notAfter } of saml)
    process.stdout.write(`RS512\t${state}\t${kid}\tcertificate until ${notAfter.toISOString().slice(0, 10)}\n`)
  return 0
}

function refuse(line: string, exitCode: number): number {
  process.stderr.write(`${line}\n`)
  return exitCode
}
