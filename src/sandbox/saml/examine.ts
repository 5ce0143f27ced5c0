import { isXmlFault, readXml, type XmlElement } from '../../platform/index.ts'
import { indented } from '../indent-xml.ts'
import type { Examination, ExaminerParts } from './examination.ts'
import { examineRequest } from './examine-request.ts'
import { examineResponse } from './examine-response.ts'
import { inboundLimits, ns } from '../../saml/index.ts'
import { bad, good, type Finding } from './finding.ts'
import { readPasted, type Pasted } from './paste.ts'

/** Looks at a pasted message step by step. Nothing is kept of it, nothing happens by it, and whatever it is, it has an answer. */
export async function examine(parts: ExaminerParts, text: string): Promise<Examination> {
  const pasted = readPasted(text)
  if (typeof pasted === 'string') return { findings: [bad('decoding', pasted, 'SAML-01-not-a-message')] }
  const decoded = good('decoding', {}, pasted.form)
  const root = readXml(pasted.xml, inboundLimits)
  if (isXmlFault(root)) {
    if (root.fault === 'too-large') return { findings: [decoded, bad('sending', root.reason, 'SAML-01-not-a-message')] }
    const code = root.fault === 'doctype' ? 'SAML-02-doctype' : 'SAML-01-not-a-message'
    return { findings: [decoded, bad('xml', root.reason, code)] }
  }
  // Only now: what is within the limits can be written out.
  const xml = indented(pasted.xml.toString('utf8'))
  const { findings, attributes } = await judge(parts, pasted, root)
  return { findings: [decoded, good('xml'), ...findings], kind: root.name, xml, ...(attributes ? { attributes } : {}) }
}

type Judged = Pick<Examination, 'attributes' | 'findings'>

async function judge(parts: ExaminerParts, pasted: Pasted, root: XmlElement): Promise<Judged> {
  const { namespace, name } = root
  const known = good('kind', { kind: name })
  if (namespace !== ns.protocol) return { findings: [unknownKind(root)] }
  if (name === 'AuthnRequest' || name === 'LogoutRequest')
    return { findings: [known, ...(await examineRequest(parts, pasted, root, name))] }
  if (name !== 'Response' && name !== 'LogoutResponse') return { findings: [unknownKind(root)] }
  const judged = await examineResponse(parts, pasted, root)
  return { ...judged, findings: [known, ...judged.findings] }
}

const unknownKind = ({ namespace, name }: XmlElement): Finding =>
  bad(
    'kind',
    `The root is ${name} of the namespace "${namespace}"; expected AuthnRequest, LogoutRequest, LogoutResponse or Response of ${ns.protocol}.`,
    'SAML-03-schema',
  )
