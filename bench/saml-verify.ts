import { setImmediate } from 'node:timers/promises'
import { IdentityProvider, ServiceProvider, setSchemaValidator } from 'samlify'
import { isRefusal } from '../src/refusal/index.ts'
import { receivePost } from '../src/saml/inbound.ts'
import { makeGenuine } from '../test/attack/saml/attack.ts'
import { loadCorpus, receive } from '../test/attack/saml/corpus.ts'
import { authnRequest, base64, makeKeyPair, signXml } from '../test/support/saml-signer.ts'
import { median } from './load.ts'
import type { Row } from './main.ts'

const rounds = 3
/** Milliseconds. */
const warmUp = 1_000
const measured = 3_000
const slice = 500

/**
 * AuthnRequests verified per second on one core, from the base64 of the form field to the value, every check of the
 * message but whether it came before; beside samlify's own verification of the same message, which checks less.
 */
export async function samlVerify(): Promise<readonly Row[]> {
  const { key, certificate } = makeKeyPair()
  const issuer = 'https://sp.example/metadata'
  const xml = signXml(authnRequest({ issuer, destination: 'https://idp.example/saml/sso' }), { key, certificate })
  const message = base64(xml)
  const ours = () => {
    const received = receivePost(message, ['AuthnRequest'])
    const verified = isRefusal(received) ? received : received.verify([certificate], wireTime)
    if (isRefusal(verified)) throw new Error(`Refused: ${JSON.stringify(verified)}`)
  }
  const theirs = samlifyVerification(message, issuer, certificate.pem)
  await spend(theirs, warmUp)
  await spend(ours, warmUp)
  const rates: { ours: number; peer: number }[] = []
  for (let round = 0; round < rounds; round++) rates.push(await sideBySide(ours, theirs))
  const middle = median(rates.map((one) => one.ours / one.peer))
  const { ours: ourRate, peer } = rates.find((one) => one.ours / one.peer === middle)!
  const worst = await worstAttack()
  const genuine = 1_000 / ourRate
  return [
    { bench: 'saml-verify', unit: 'requests/s', ours: ourRate, peer, peer_name: 'samlify', ratio: ourRate / peer },
    {
      bench: 'saml-verify',
      unit: `ms of the costliest attack ("${worst.name}")`,
      ours: worst.milliseconds,
      peer: genuine * 10,
      peer_name: '10 × a genuine request',
      ratio: (genuine * 10) / worst.milliseconds,
    },
  ]
}

const wireTime = new Date()

/** Of the whole corpus of test/attack/saml the one that takes longest to refuse; each the best of five. */
async function worstAttack(): Promise<{ readonly name: string; readonly milliseconds: number }> {
  const genuine = makeGenuine(wireTime)
  const times = (await loadCorpus()).map(({ name, make }) => {
    const attempt = make(genuine)
    const tries = Array.from({ length: 5 }, () => {
      const began = performance.now()
      receive(attempt, genuine, wireTime)
      return performance.now() - began
    })
    return { name, milliseconds: Math.min(...tries) }
  })
  return times.reduce((worst, one) => (one.milliseconds > worst.milliseconds ? one : worst))
}

function samlifyVerification(message: string, issuer: string, certificate: string): () => Promise<unknown> {
  setSchemaValidator({ validate: async () => 'valid' })
  const bare = certificate.replace(/-----[^-]+-----|\s/g, '')
  const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
  const idp = IdentityProvider({
    entityID: 'https://idp.example',
    wantAuthnRequestsSigned: true,
    singleSignOnService: [{ Binding: post, Location: 'https://idp.example/saml/sso' }],
    singleLogoutService: [{ Binding: post, Location: 'https://idp.example/saml/slo' }],
  })
  const sp = ServiceProvider({
    entityID: issuer,
    authnRequestsSigned: true,
    signingCert: bare,
    assertionConsumerService: [{ Binding: post, Location: 'https://sp.example/SP2/ReturnPage' }],
    singleLogoutService: [{ Binding: post, Location: 'https://sp.example/SP2/LogoutPage' }],
  })
  return () => idp.parseLoginRequest(sp, 'post', { body: { SAMLRequest: message } })
}

interface Spent {
  readonly acts: number
  /** Microseconds of the processor. */
  readonly time: number
}

/** Acts per second of one core's time. They take turns in short slices, so that what disturbs one disturbs the other. */
async function sideBySide(ours: () => unknown, theirs: () => unknown): Promise<{ ours: number; peer: number }> {
  const slices: { ours: Spent; peer: Spent }[] = []
  for (let count = 0; count < measured / slice; count++)
    slices.push({ peer: await spend(theirs, slice), ours: await spend(ours, slice) })
  const rate = (all: readonly Spent[]) =>
    (all.reduce((sum, { acts }) => sum + acts, 0) / all.reduce((sum, { time }) => sum + time, 0)) * 1_000_000
  return { ours: rate(slices.map((one) => one.ours)), peer: rate(slices.map((one) => one.peer)) }
}

async function spend(act: () => unknown, milliseconds: number): Promise<Spent> {
  const until = performance.now() + milliseconds
  const began = process.threadCpuUsage()
  let acts = 0
  for (; performance.now() < until; acts++) {
    await act()
    // A server turns its event loop for each request; until then nothing that a weak reference was made to is let go.
    await setImmediate()
  }
  const { user, system } = process.threadCpuUsage(began)
  return { acts, time: user + system }
}
