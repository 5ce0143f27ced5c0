import type { Citizen } from '../../../citizen/index.ts'
import { charactersOf, longestPassword, normalPassword } from '../normal-password.ts'

/** Characters that a password has at least (clave-domain, "Methods", Cl@ve Permanente). */
export const shortestPassword = 8
/** With so many it needs no classes. */
export const longPassword = 16
/** Of capitals, small letters, numbers and signs. */
export const classesNeeded = 3

/** What a password itself must be; whether others use it, or its owner had it before, is asked elsewhere. */
export interface PasswordShape {
  /** 8 to 128 characters. */
  readonly length: boolean
  /** 3 of the 4 classes, or 16 characters. */
  readonly classes: boolean
  /** Nothing in it that anybody knows of its owner: name, surnames, document. */
  readonly personal: boolean
}

/** Whose password it is to be. */
export type Owner = Pick<Citizen, 'name' | 'document'>

/** `typed`: as typed. What the citizen reads as one character (ﷺ) must not count as the eighteen that it stands for. */
export function shapeOf(typed: string, owner: Owner): PasswordShape {
  const password = normalPassword(typed)
  const most = charactersOf(password)
  const least = Math.min(most, charactersOf(typed.normalize('NFC')))
  return {
    length: least >= shortestPassword && most <= longestPassword,
    classes: least >= longPassword || classesOf(password) >= classesNeeded,
    personal: !saysWhose(password, owner),
  }
}

const classes = [/[\p{Lu}\p{Lt}]/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Lt}\p{Ll}\p{Nd}]/u]

/** How many of the four classes occur; letters that have no capitals (Chinese, Arabic) count as signs. */
export const classesOf = (password: string): number => classes.filter((one) => one.test(password)).length

/** Letters of a name that are told apart: "de", "la", "Ana" would forbid half of all passwords. */
const shortestPart = 4

/** Whatever accents, capitals or dots somebody puts between. */
function saysWhose(password: string, { name, document }: Owner): boolean {
  const text = plain(password)
  const letters = text.replace(/[^\p{L}\p{N}]/gu, '')
  const digits = document.replace(/\D/g, '')
  const names = [name.given, name.firstSurname, name.secondSurname ?? ''].flatMap(partsOf)
  return letters.includes(digits) || names.some((part) => text.includes(part) || letters.includes(part))
}

/** "de la Fuente y O'Donnell-Núñez": fuente, odonnell, donnell, nunez; "Cal·lís": callis. */
function partsOf(name: string): readonly string[] {
  const words = plain(name).split(/[\s\p{Pd}]+/u)
  const parts = words.flatMap((word) => [word.replace(/[^\p{L}]/gu, ''), ...word.split(/[^\p{L}]+/u)])
  return parts.filter((part) => charactersOf(part) >= shortestPart)
}

/** Small letters without accents. */
const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
