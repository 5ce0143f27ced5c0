import type { MessageKind } from '../../../../src/saml/messages.ts'
import { append, kinds, post, prepend, signatureOf, swap, withoutSignature, type Attack } from '../attack.ts'

/**
 * Signature wrapping ("On Breaking SAML", 2012, variants 1 to 8, and those that ds:Object and Extensions offer): the
 * attacker's message carries the genuine signature and hides the genuine message where a verifier still finds it by ID.
 * Each for each message, with the genuine signature moved out of its message or copied, and with its ID kept or not.
 */
interface Wrap {
  readonly name: string
  /** @param evil without a signature. @param hidden the genuine message. */
  build(evil: string, hidden: string, signature: string): string
}

const inSignature = (signature: string, inside: string) =>
  swap(signature, '</ds:Signature>', `${inside}</ds:Signature>`)
const inObject = (inside: string) => `<ds:Object>${inside}</ds:Object>`
const inExtensions = (inside: string) => `<saml2p:Extensions>${inside}</saml2p:Extensions>`

const wraps: readonly Wrap[] = [
  { name: 'XSW1: genuine inside the Signature', build: (evil, hidden, s) => prepend(evil, inSignature(s, hidden)) },
  { name: 'XSW2: genuine before the Signature', build: (evil, hidden, s) => prepend(evil, hidden + s) },
  {
    name: 'XSW3: attacker before genuine, in a new root',
    build: (evil, hidden, s) =>
      `<saml2p:Wrapper xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol">${s}${evil}${hidden}</saml2p:Wrapper>`,
  },
  { name: 'XSW4: genuine inside the attacker, last', build: (evil, hidden, s) => append(prepend(evil, s), hidden) },
  { name: 'XSW5: genuine after the Signature', build: (evil, hidden, s) => prepend(evil, s + hidden) },
  {
    name: 'XSW6: genuine inside KeyInfo',
    build: (evil, hidden, s) => prepend(evil, swap(s, '</ds:KeyInfo>', `${hidden}</ds:KeyInfo>`)),
  },
  { name: 'XSW7: genuine inside Extensions', build: (evil, hidden, s) => prepend(evil, s + inExtensions(hidden)) },
  {
    name: 'XSW8: genuine inside ds:Object',
    build: (evil, hidden, s) => prepend(evil, inSignature(s, inObject(hidden))),
  },
  {
    name: 'attacker inside the Extensions of the genuine',
    build: (evil, hidden, s) => prepend(hidden.includes(s) ? hidden : prepend(hidden, s), inExtensions(evil)),
  },
  {
    name: 'attacker inside ds:Object of the genuine',
    build: (evil, hidden, s) => prepend(hidden.replace(s, ''), inSignature(s, inObject(evil))),
  },
  {
    name: 'genuine inside Extensions, in an element of its own with the same ID',
    build: (evil, hidden, s) => prepend(evil, s + inExtensions(`<x:a xmlns:x="urn:x" ID="_same">${hidden}</x:a>`)),
  },
]

const change: Readonly<Record<MessageKind, (xml: string) => string>> = {
  AuthnRequest: (xml) => swap(xml, 'https://sp.example/SP2/ReturnPage', 'https://evil.example/acs'),
  LogoutRequest: (xml) => swap(xml, '>S2800001A_E00000001<', '>S9999999A_E99999999<'),
  LogoutResponse: (xml) => swap(xml, 'status:Success', 'status:Responder'),
}

export const cases: readonly Attack[] = kinds.flatMap((kind) =>
  wraps.flatMap(({ name, build }) =>
    (['moved', 'copied'] as const).flatMap((signature) =>
      (['own', 'same'] as const).map((id) => ({
        name: `${kind}, ${name}, signature ${signature}, ID ${id === 'own' ? 'of its own' : 'of the genuine'}`,
        make({ signed }) {
          const genuine = signed[kind]
          const hidden = signature === 'moved' ? withoutSignature(genuine) : genuine
          const evil = change[kind](withoutSignature(genuine))
          return post(
            build(id === 'own' ? swap(evil, / ID="[^"]+"/, ' ID="_evil"') : evil, hidden, signatureOf(genuine)),
          )
        },
        refused: 'SAML-04-signature',
      })),
    ),
  ),
)
