import type { XmlElement } from '../platform/index.ts'
import { lexical, type Lexical } from './read-lexical.ts'

/** What may stand in an element: one row of the schema. */
export interface Shape {
  /** By name, without a namespace. */
  readonly attributes?: Readonly<Record<string, Lexical>>
  /** Names of the attributes that may not be missing. */
  readonly required?: readonly string[]
  /** Attributes of any namespace may stand here too; they give no value. */
  readonly foreignAttributes?: true
  /** In this order. */
  readonly children?: readonly Slot[]
  /** Elements of any namespace but this one may stand here, in any order; those without a slot are passed over. */
  readonly foreignTo?: string
  /** Elements of any name may stand here; they are passed over. */
  readonly open?: true
  /** At least one element has to stand here. */
  readonly filled?: true
  /** The type of the text; absent: only white space between the children. */
  readonly text?: Lexical
}

/** A place for elements of these names. */
export interface Slot {
  readonly namespace: string
  /** By name, what may stand in it. */
  readonly elements: Readonly<Record<string, Shape | typeof anything>>
  readonly least: number
  readonly most: number
  /** A choice of the schema: all that stand here have one of the names, the same. */
  readonly alike?: true
}

/** Passed over, whatever is in it. */
export const anything = 'anything'

/**
 * What of the element the schema does not allow at its place: one English sentence that names the place, never a value.
 * Undefined: everything fits, and every value can be read.
 */
export function misfitOf(element: XmlElement, shape: Shape): string | undefined {
  return attributeMisfit(element, shape) ?? textMisfit(element, shape) ?? childMisfit(element, shape)
}

function attributeMisfit(element: XmlElement, shape: Shape): string | undefined {
  for (const { namespace, name, value } of element.attributes) {
    if (namespace !== '' && shape.foreignAttributes) continue
    const type = namespace === '' ? typeOf(shape, name) : undefined
    if (!type) return `The attribute ${printable(name)} may not stand in ${element.name}.`
    const { read, must } = lexical[type]
    if (read(value) === undefined) return `The attribute ${name} of ${element.name} ${must}.`
  }
  const missing = shape.required?.find(
    (name) => !element.attributes.some((one) => one.name === name && one.namespace === ''),
  )
  return missing && `${element.name} lacks the attribute ${missing}.`
}

const typeOf = ({ attributes }: Shape, name: string): Lexical | undefined =>
  attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined

function textMisfit({ name, text }: XmlElement, shape: Shape): string | undefined {
  if (!shape.text) return text !== '' && /[^ \t\r\n]/.test(text) ? `${name} holds text of its own.` : undefined
  const { read, must } = lexical[shape.text]
  return read(text) === undefined ? `The text of ${name} ${must}.` : undefined
}

function childMisfit(
  element: XmlElement,
  { children: slots = [], foreignTo, filled, open }: Shape,
): string | undefined {
  if (open) return undefined
  if (filled && element.children.length === 0) return `${element.name} holds no element.`
  const counts = slots.map(() => 0)
  const first: (string | undefined)[] = []
  let from = 0
  for (const child of element.children) {
    const at = slotOf(slots, child, from)
    const slot = slots[at]
    if (!slot) {
      if (foreignTo !== undefined && child.namespace !== '' && child.namespace !== foreignTo) continue
      return `The element ${printable(child.name)} may not stand at its place in ${element.name}.`
    }
    counts[at] = (counts[at] ?? 0) + 1
    first[at] ??= child.name
    if (slot.alike && first[at] !== child.name) return `${element.name} holds both ${namesOf(slot).join(' and ')}.`
    if (counts[at] > slot.most) return `${element.name} holds more than ${slot.most} of ${child.name}.`
    const shape = slot.elements[child.name]!
    const misfit = shape === anything ? undefined : misfitOf(child, shape)
    if (misfit) return misfit
    if (foreignTo === undefined) from = at
  }
  const lacking = slots.find((slot, index) => counts[index]! < slot.least)
  return lacking && `${element.name} lacks ${namesOf(lacking).join(' or ')}.`
}

const namesOf = ({ elements }: Slot): readonly string[] => Object.keys(elements)

/** The first place from there on that is for such an element; -1: there is none. */
function slotOf(slots: readonly Slot[], { namespace, name }: XmlElement, from: number): number {
  for (let at = from; at < slots.length; at++) {
    const slot = slots[at]!
    if (slot.namespace === namespace && Object.hasOwn(slot.elements, name)) return at
  }
  return -1
}

/** A name that a stranger chose, short and printable. */
const printable = (name: string) => name.slice(0, 80).replace(/[^\x21-\x7e]/g, '?')
