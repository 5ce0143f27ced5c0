export type {
  Attachment,
  Channel,
  EmailChannel,
  Handed,
  Outgoing,
  OutgoingEmail,
  OutgoingPush,
  Receipt,
} from './channel.ts'
export { makeDelivery, type Delivery, type DeliveryParts } from './deliver-messages.ts'
export { openSmtp, type SmtpOptions } from './email/smtp-client.ts'
export { makeMessages, type MessagesParts } from './lay-messages.ts'
export { isAnyDue, layMessageSql, messagesOf, type SentMessage } from './outbox-table.ts'
export type { Email, EmailText, Laying, Messages, Push, PushText, Sms, SmsText } from './port.ts'
export {
  endpointDigest,
  makeCheckSubscription,
  type EndpointRules,
  type Subscription,
  type SubscriptionFault,
} from './push/check-subscription.ts'
export { openWebPush, type PushOptions } from './push/push-client.ts'
export { openPushKey, type PushKey, type PushKeyParts } from './push/push-key.ts'
export { openSmpp, type SmppClient, type SmppOptions } from './sms/smpp-client.ts'
