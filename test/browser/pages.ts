import type { Test } from 'tap'
import type { TestSandbox } from '../support/sandbox.ts'
import { desktop, journey, type Journey, type Screen } from './journey.ts'

export interface Place {
  readonly agency: string
  go(citizen: Journey, sandbox: TestSandbox): Promise<void>
}

/** Each page that a login can stand on, and how a citizen gets there. */
export const pages: Readonly<Record<string, { readonly agency: string; go(citizen: Journey): Promise<void> }>> = {
  choose: { agency: 'aeat', go: (citizen) => citizen.begin('aeat') },
  pin: {
    agency: 'aeat',
    async go(citizen) {
      await citizen.begin('aeat')
      await citizen.choose('pin')
    },
  },
  'pin/code': {
    agency: 'aeat',
    async go(citizen) {
      await pages['pin']?.go(citizen)
      await citizen.identify('99999999R')
    },
  },
  permanente: {
    agency: 'dgt',
    async go(citizen) {
      await citizen.begin('dgt')
      await citizen.choose('permanente')
    },
  },
  'permanente/code': {
    agency: 'dgt',
    async go(citizen) {
      await pages['permanente']?.go(citizen)
      await citizen.enterPassword('99999999R')
    },
  },
  'permanente/warning': {
    agency: 'dgt',
    async go(citizen) {
      await sandbox.advance('P701D')
      await pages['permanente/code']?.go(citizen)
    },
  },
  identified: {
    agency: 'dgt',
    async go(citizen) {
      await loginByPin(citizen)
      await citizen.begin('dgt')
    },
  },
}

async function loginByPin(citizen: Journey, document = '99999999R'): Promise<void> {
  await citizen.begin('aeat')
  await citizen.choose('pin')
  await citizen.identify(document)
  await citizen.enterPin(await sandbox.codeFor(document))
}

async function at(t: Test, page: string, screen: Screen = desktop, options = {}): Promise<Journey> {
  const citizen = await journey(t, sandbox, screen, options)
  await pages[page]?.go(citizen)
  t.equal(citizen.where(), page)
  return citizen
}

