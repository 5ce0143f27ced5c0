import { signatureNamespace, type XmlElement } from '../../platform/index.ts'

/** The message as a reader of verified bytes would get it: without its Signature. */
export const withoutSignature = (root: XmlElement): XmlElement => ({
  ...root,
  children: root.children.filter(({ name, namespace }) => name !== 'Signature' || namespace !== signatureNamespace),
})

export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((one) => one.name === name)
