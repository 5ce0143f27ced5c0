import t from 'tap'
import { openSmpp, type Receipt } from '../../src/messaging/index.ts'
import { systemClock, systemRandom } from '../../src/platform/index.ts'
import type { SentMessage } from '../../src/sandbox/parts.ts'
import { startSmsNetwork } from '../../src/sandbox/sms-network.ts'
import { quietLog } from '../support/log.ts'
import { until } from '../support/until.ts'

t.test(
  "the sandbox's network takes real SMPP, keeps the newest messages with their code, and tells of delivery",
  async (t) => {
    const arrived: SentMessage[] = []
    const onMessage = (message: SentMessage) => void arrived.push(message)
    const network = await startSmsNetwork({ clock: systemClock, random: systemRandom, kept: 3, onMessage })
    const receipts: Receipt[] = []
    const log = quietLog(t, () => ['+34600000001', '123456'])
    const onReceipt = (receipt: Receipt) => void receipts.push(receipt)
    const client = openSmpp({ url: network.url, sender: 'Clave', random: systemRandom, log, onReceipt })
    t.teardown(async () => {
      await client.close()
      await network.close()
    })
    await until(client.bound)
    const send = (text: string) => client.send({ id: systemRandom.uuid(), to: '+34600000001', text, seconds: 600 })

    const long = `Diputación ${'ñ'.repeat(100)} 🙂\n\n@clave.example #123456`
    const answer = await send(long)
    await until(() => receipts.length === 1)
    t.match(network.messages(), [{ channel: 'sms', to: '+34600000001', text: long, code: '123456' }])
    t.match(network.messages()[0]?.at, /^\d{4}-\d\d-\d\dT.*Z$/)
    t.match(receipts, [{ delivered: true, providerId: 'accepted' in answer ? answer.accepted : '' }])
    t.same(arrived, network.messages())

    for (const text of ['one', 'your code is 654321.', 'three']) await send(text)
    const [one, two, three] = network.messages()
    t.match([one, two, three], [{ text: 'one' }, { code: '654321' }, { text: 'three' }])
    t.notHas(one, { code: String })
    network.reset()
    t.same(network.messages(), [])
  },
)
