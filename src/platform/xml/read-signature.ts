import {
  canonicalizationAlgorithms,
  exclusiveAlgorithm,
  inclusiveAlgorithm,
  type Canonicalization,
} from './canonicalize.ts'
import { decodeBase64, faultOfDigestMethod, faultOfSignatureMethod } from './algorithms.ts'
import { fault, quoted, type XmlFault } from './fault.ts'
import { attributeOf, type XmlElement } from './read-element.ts'

export const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#'
const enveloped = `${signatureNamespace}enveloped-signature`

/** What a ds:Signature says of itself, all of it of an accepted kind. */
export interface SignatureTerms {
  readonly method: string
  readonly value: Buffer
  /** How SignedInfo is canonicalised. */
  readonly signedInfo: Canonicalization
  /** How what is signed is canonicalised, after the Signature was taken out. */
  readonly signed: Canonicalization
  readonly digestMethod: string
  readonly digest: Buffer
  /** A hint at most, never a key. */
  readonly keyInfo: XmlElement | undefined
}

interface Content {
  /** The names of the children, in their order; those beyond the last are named as the last. */
  readonly children: readonly string[]
  /** How many children there are; absent: one of each name. */
  readonly least?: number
  readonly most?: number
  readonly attributes: readonly string[]
  readonly text?: true
}

// XML Signature 1.1, narrowed: one SignedInfo, one Reference, no Object, no parameters of algorithms but PrefixList.
const contents = {
  Signature: { children: ['SignedInfo', 'SignatureValue', 'KeyInfo'], least: 2, attributes: ['Id'] },
  SignedInfo: { children: ['CanonicalizationMethod', 'SignatureMethod', 'Reference'], attributes: ['Id'] },
  Reference: { children: ['Transforms', 'DigestMethod', 'DigestValue'], attributes: ['Id', 'URI', 'Type'] },
  Transforms: { children: ['Transform'], most: Infinity, attributes: [] },
  CanonicalizationMethod: { children: ['InclusiveNamespaces'], least: 0, attributes: ['Algorithm'] },
  Transform: { children: ['InclusiveNamespaces'], least: 0, attributes: ['Algorithm'] },
  InclusiveNamespaces: { children: [], attributes: ['PrefixList'] },
  SignatureMethod: { children: [], attributes: ['Algorithm'] },
  DigestMethod: { children: [], attributes: ['Algorithm'] },
  SignatureValue: { children: [], attributes: ['Id'], text: true },
  DigestValue: { children: [], attributes: [], text: true },
} as const satisfies Record<string, Content>

/** Reads the Signature of the element whose ID is `id`, or says what is wrong with it. */
export function readSignature(signature: XmlElement, id: string): SignatureTerms | XmlFault {
  const misfit = faultOfContent('Signature', signature)
  if (misfit) return misfit
  const [signedInfo, value, keyInfo] = signature.children as [XmlElement, XmlElement, XmlElement | undefined]
  const wrong = faultOfContent('SignedInfo', signedInfo) ?? faultOfContent('SignatureValue', value)
  if (wrong) return wrong
  const [c14n, method, reference] = signedInfo.children as [XmlElement, XmlElement, XmlElement]
  const reading = readReference(reference, id)
  if ('fault' in reading) return reading
  const methodUri = attributeOf(method, 'Algorithm') ?? ''
  const faulty = faultOfSignatureMethod(methodUri) ?? faultOfContent('SignatureMethod', method)
  if (faulty) return faulty
  const canonical = readCanonicalization('CanonicalizationMethod', c14n)
  if ('fault' in canonical) return canonical
  const octets = decodeBase64(value.text)
  if (!octets) return fault('signature', 'SignatureValue is not base64.')
  return { ...reading, method: methodUri, value: octets, signedInfo: canonical, keyInfo }
}

function readReference(
  reference: XmlElement,
  id: string,
): Pick<SignatureTerms, 'signed' | 'digestMethod' | 'digest'> | XmlFault {
  const misfit = faultOfContent('Reference', reference)
  if (misfit) return misfit
  const uri = attributeOf(reference, 'URI')
  if (uri !== `#${id}`)
    return fault('signature', `Reference has the URI ${quoted(uri ?? '')}; expected # and the ID of the root.`)
  const [transforms, method, value] = reference.children as [XmlElement, XmlElement, XmlElement]
  const signed = readTransforms(transforms)
  if ('fault' in signed) return signed
  const digestMethod = attributeOf(method, 'Algorithm') ?? ''
  const wrong =
    faultOfDigestMethod(digestMethod) ?? faultOfContent('DigestMethod', method) ?? faultOfContent('DigestValue', value)
  if (wrong) return wrong
  const digest = decodeBase64(value.text)
  return digest ? { signed, digestMethod, digest } : fault('signature', 'DigestValue is not base64.')
}

function readTransforms(transforms: XmlElement): Canonicalization | XmlFault {
  const misfit = faultOfContent('Transforms', transforms)
  if (misfit) return misfit
  const [first, second, ...others] = transforms.children as [XmlElement, ...XmlElement[]]
  const firstUri = attributeOf(first, 'Algorithm') ?? ''
  if (firstUri !== enveloped || others.length > 0)
    return fault(
      'signature-algorithm',
      `The transforms are ${transforms.children.map((one) => quoted(attributeOf(one, 'Algorithm') ?? '')).join(', ')}; expected enveloped-signature, then a canonicalisation.`,
    )
  const wrong = faultOfContent('Transform', first)
  if (wrong) return wrong
  // A set of nodes becomes octets by Canonical XML 1.0 where no transform says how (XML Signature 1.1, 4.4.3.2).
  return second ? readCanonicalization('Transform', second) : { algorithm: inclusiveAlgorithm, prefixes: [] }
}

function readCanonicalization(
  name: 'Transform' | 'CanonicalizationMethod',
  element: XmlElement,
): Canonicalization | XmlFault {
  const algorithm = attributeOf(element, 'Algorithm') ?? ''
  if (!canonicalizationAlgorithms.includes(algorithm))
    return fault(
      'signature-algorithm',
      `${name} is ${quoted(algorithm)}; expected exclusive or inclusive canonicalisation without comments.`,
    )
  const misfit = faultOfContent(name, element)
  if (misfit) return misfit
  const [list] = element.children
  if (!list) return { algorithm, prefixes: [] }
  const wrong = faultOfContent('InclusiveNamespaces', list)
  if (wrong) return wrong
  const prefixes = (attributeOf(list, 'PrefixList') ?? '').split(/[ \t\r\n]+/).filter((prefix) => prefix !== '')
  if (algorithm !== exclusiveAlgorithm || prefixes.length > 32)
    return fault(
      'signature',
      'InclusiveNamespaces belongs to exclusive canonicalisation and names at most 32 prefixes.',
    )
  return { algorithm, prefixes }
}

function faultOfContent(name: keyof typeof contents, element: XmlElement): XmlFault | undefined {
  const content: Content = contents[name]
  if (!holds(content, element.children)) {
    const children = element.children.map((child) =>
      isNamed(child, child.name) ? child.name : `foreign:${child.name}`,
    )
    return fault(
      'signature',
      `${name} holds ${quoted(children.join(' '))}, which a signature of one Reference does not.`,
    )
  }
  if (!content.text && element.text !== '' && /[^ \t\r\n]/.test(element.text))
    return fault('signature', `${name} holds text.`)
  const attribute = element.attributes.find((one) => one.namespace !== '' || !content.attributes.includes(one.name))
  return (
    attribute && fault('signature', `${name} has an attribute ${quoted(attribute.name)}, which does not belong there.`)
  )
}

function holds(
  { children: names, least = names.length, most = names.length }: Content,
  children: readonly XmlElement[],
) {
  if (children.length < least || children.length > most) return false
  return children.every((child, at) => isNamed(child, names[Math.min(at, names.length - 1)]!))
}

const isNamed = ({ namespace, name }: XmlElement, expected: string): boolean =>
  name === expected && namespace === (name === 'InclusiveNamespaces' ? exclusiveAlgorithm : signatureNamespace)

/** Text of the first X509Certificate in KeyInfo. */
export function firstCertificate(keyInfo: XmlElement | undefined): string | undefined {
  const data = keyInfo?.children.filter(({ name }) => name === 'X509Data')
  return data?.flatMap(({ children }) => children).find(({ name }) => name === 'X509Certificate')?.text
}
