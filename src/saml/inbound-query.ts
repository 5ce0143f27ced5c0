import { decodeBase64 } from '../platform/index.ts'
import { refusal, type Refusal } from '../refusal/index.ts'

/** What a message by HTTP-Redirect is made of. */
export interface RedirectQuery {
  readonly word: 'SAMLRequest' | 'SAMLResponse'
  /** Base64 of the deflated message, percent-decoded. */
  readonly message: string
  readonly relayState: string | undefined
  /** URI. */
  readonly signatureMethod: string
  readonly signature: Buffer
  /** The octets that are signed, as they stand in the query (SAML 2.0 bindings, 3.4.4.1). */
  readonly signed: Buffer
}

const words = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'] as const
type Word = (typeof words)[number]
/** Values as they stand in the query, not decoded. */
type RawQuery = Partial<Record<Word, string>>

const deflate = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE'
const notAMessage = (reason: string) => refusal('SAML-01-not-a-message', { reason })
const notSigned = (reason: string) => refusal('SAML-04-signature', { reason })

/** @param rawQuery the query string behind `?`, as the browser sent it. */
export function readQuery(rawQuery: string): RedirectQuery | Refusal {
  const raw = splitQuery(rawQuery)
  if ('refused' in raw) return raw
  if (raw.SAMLRequest !== undefined && raw.SAMLResponse !== undefined)
    return notAMessage('The query holds both SAMLRequest and SAMLResponse.')
  const word = raw.SAMLRequest !== undefined ? 'SAMLRequest' : 'SAMLResponse'
  const message = raw[word]
  if (message === undefined) return notAMessage('The query holds neither SAMLRequest nor SAMLResponse.')
  if (raw.SAMLEncoding !== undefined && decoded(raw.SAMLEncoding) !== deflate)
    return notAMessage(`SAMLEncoding is not ${deflate}, the only encoding there is.`)
  if (raw.SigAlg === undefined || raw.Signature === undefined)
    return notSigned('The message by HTTP-Redirect is not signed: SigAlg or Signature is missing.')
  const text = decoded(message)
  const relayState = raw.RelayState === undefined ? undefined : decoded(raw.RelayState)
  const signatureMethod = decoded(raw.SigAlg)
  const signature = decodeBase64(decoded(raw.Signature) ?? '')
  if (text === undefined || signatureMethod === undefined || (raw.RelayState !== undefined && relayState === undefined))
    return notAMessage('The query is not percent-encoded UTF-8.')
  if (!signature) return notSigned('Signature is not base64.')
  const relay = raw.RelayState === undefined ? '' : `&RelayState=${raw.RelayState}`
  const signed = Buffer.from(`${word}=${message}${relay}&SigAlg=${raw.SigAlg}`)
  return { word, message: text, relayState, signatureMethod, signature, signed }
}

/** Each word once at most, and spelt as it is: one that hides behind percent signs would be read by some and not by others. */
function splitQuery(rawQuery: string): RawQuery | Refusal {
  const raw: RawQuery = {}
  for (const pair of rawQuery.split('&')) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const word = words.find((one) => one === decoded(name))
    if (!word) continue
    if (name !== word) return notAMessage(`The parameter ${word} is percent-encoded in its name.`)
    if (raw[word] !== undefined)
      return word === 'RelayState'
        ? refusal('SAML-11-relay-state', { reason: 'RelayState stands in the query twice.' })
        : notAMessage(`${word} stands in the query twice.`)
    raw[word] = equals < 0 ? '' : pair.slice(equals + 1)
  }
  return raw
}

/** Percent-decoded UTF-8, `+` a space; undefined where it is neither. */
function decoded(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
