import t from 'tap'
import { closeBrowser } from '../support/chromium.ts'
import { need } from '../support/need.ts'
import { testSandbox } from '../support/sandbox.ts'
import { journey } from './journey.ts'

t.setTimeout(240_000)
t.teardown(closeBrowser)

// All other journeys are on PostgreSQL.
t.test(
  'what is under way kept in Redis: each method, and from one agency to the next',
  { skip: need('redis-server') },
  async (t) => {
    const sandbox = await testSandbox(t, { store: 'redis' })
    const citizen = await journey(t, sandbox)
    await citizen.begin('aeat')
    await citizen.choose('pin')
    await citizen.identify('99999999R')
    await citizen.enterPin(await sandbox.codeFor('99999999R'))
    t.match(await citizen.session('aeat'), { authenticated: true, method: 'pin', level: 'substantial' })
    await citizen.begin('dgt')
    await citizen.press('login:identified.goOn')
    t.match(await citizen.session('dgt'), { authenticated: true, method: 'pin' })
    await citizen.begin('dgt', { prompt: 'login' })
    await citizen.choose('permanente')
    await citizen.enterPassword('99999999R')
    await citizen.enterCode(await sandbox.codeFor('99999999R'))
    t.match(await citizen.session('dgt'), { authenticated: true, method: 'permanente', level: 'substantial' })

    await citizen.begin('aeat', { prompt: 'login' })
    await sandbox.advance('PT20M')
    await citizen.page.reload()
    t.equal(await citizen.heading(), citizen.say('refusal:LOGIN-02-expired.title'))
    await sandbox.api('next-login', { citizen: 'X9999999J', method: 'pin', rp: 'aeat' })
    await citizen.begin('aeat')
    t.match(await citizen.session('aeat'), { person: { document: 'X9999999J' } })
    await sandbox.reset()
    await citizen.begin('aeat', { prompt: 'none' })
    t.match(await citizen.session('aeat'), { error: 'login_required' }, 'a reset ends what Redis holds, too')
  },
)
