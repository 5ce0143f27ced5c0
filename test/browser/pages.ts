import type { Test } from 'tap'
import type { TestSandbox } from '../support/sandbox.ts'
import { desktop, journey, type Journey, type Screen } from './journey.ts'

export interface Place {
  readonly agency: 'aeat' | 'dgt'
  readonly go: (citizen: Journey, sandbox: TestSandbox) => Promise<void>
}

const goToPin: Place['go'] = async (citizen) => {
  await citizen.begin('aeat')
  await citizen.choose('pin')
}

const goToPinCode: Place['go'] = async (citizen, sandbox) => {
  await goToPin(citizen, sandbox)
  await citizen.identify('99999999R')
}

const goToPassword: Place['go'] = async (citizen) => {
  await citizen.begin('dgt')
  await citizen.choose('permanente')
}

const goToCode: Place['go'] = async (citizen, sandbox) => {
  await goToPassword(citizen, sandbox)
  await citizen.enterPassword('99999999R')
}

const goToWarning: Place['go'] = async (citizen, sandbox) => {
  await sandbox.advance('P701D')
  await goToCode(citizen, sandbox)
}

const goToIdentified: Place['go'] = async (citizen, sandbox) => {
  await goToPinCode(citizen, sandbox)
  await citizen.enterPin(await sandbox.codeFor('99999999R'))
  await citizen.begin('dgt')
}

/** Each page that a login can stand on, and how a citizen gets there. */
export const pages = {
  choose: { agency: 'aeat', go: (citizen) => citizen.begin('aeat') },
  pin: { agency: 'aeat', go: goToPin },
  'pin/code': { agency: 'aeat', go: goToPinCode },
  permanente: { agency: 'dgt', go: goToPassword },
  'permanente/code': { agency: 'dgt', go: goToCode },
  'permanente/warning': { agency: 'dgt', go: goToWarning },
  identified: { agency: 'dgt', go: goToIdentified },
} as const satisfies Readonly<Record<string, Place>>

/** A citizen who has come to this page. */
export async function arriveAt(
  t: Test,
  sandbox: TestSandbox,
  page: keyof typeof pages,
  screen: Screen = desktop,
  options: Parameters<typeof journey>[3] = {},
): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen, options)
  await pages[page].go(citizen, sandbox)
  t.equal(citizen.where(), page)
  return citizen
}
