/**
 * notifications: what happened, told to people: by e-mail, Pushover, Telegram, webhook or the log.
 *
 * Reads the events; a catalogue says which kinds are told, to whom, how often. Each message to each channel is a workflow
 * of its own on the lane `cronjobs`, deferred while the channel is away. It decides nothing of the trade. Invariants: a
 * failed delivery fails no step and holds up no other; secrets are sealed with the fleet's key and stand in no log.
 */
export {
  findChannelMistakes,
  readChannels,
  saveChannels,
  sealNameOf,
  type Channel,
} from './channel.ts';
export { createDeliverer } from './channels/deliver.ts';
export { deliverNotification, sendNotifications } from './definitions.ts';
export { createNotificationHandlers, type NotificationDependencies } from './steps.ts';
