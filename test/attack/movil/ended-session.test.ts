import t from 'tap'
import { outcomeIn } from '../../authentication/movil-service.ts'
import { attackScene } from './scene.ts'

t.test(
  'a session that rests on a phone ends with it: another phone of the same citizen does not revive it',
  async (t) => {
    const s = await attackScene(t)
    const phone = await s.phoneOf()
    const at = await s.atQr()
    await s.decide(phone, await s.scan(phone, at.page))
    t.match(outcomeIn(await at.browser.submit(`${at.login}/movil`)), { method: 'movil' })
    t.match(outcomeIn((await s.begin({}, at.browser)).first), { method: 'movil' }, 'while the phone counts')
    await s.phoneOf()
    t.match(
      (await s.begin({}, at.browser)).first.at,
      /\/choose$/,
      'the citizen activated another: the stolen one’s session is none',
    )
  },
)
