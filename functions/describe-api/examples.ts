import type { operations } from '../../shared/contracts/operations.ts';

/** How an operation is called: with values of the example company, a veterinary practice. */
export interface Example {
  /** Values of placeholders in the path; of the others the shell variable of the same name. */
  path?: Record<string, string>;
  query?: string;
  headers?: Record<string, string>;
  /** JSON; a text such as `$customerId` is a shell variable. */
  body?: unknown;
  form?: Record<string, string>;
  /** The shell variable with the key, where it is not that of the scope. */
  key?: string;
  /** What later calls need, by the shell variable that takes it: where it stands in the answer. */
  keeps?: Record<string, string>;
}

type Hidden = 'preflightEvents' | 'preflightWidget';
type OperationId = Exclude<(typeof operations)[number]['operationId'], Hidden>;

/** In this order they can be called one after the other, each with what the earlier ones told. */
export const examples: Record<OperationId, Example> = {
  collectEvent: {
    path: { call: 'identify' },
    body: {
      userId: 'cust-17',
      anonymousId: '0b7d',
      messageId: 'i-1',
      traits: { name: 'Lena Vogt', email: 'lena.vogt@example.com', phone: '030 23125 117' },
    },
  },
  getProjectSettings: { path: { writeKey: '$browserWriteKey' } },
  openWidgetSession: { body: { anonymousId: '0b7d', language: 'en' }, keeps: { token: 'token' } },
  sendWidgetMessage: {
    body: { messageId: 'm-1', text: 'Is Minka due?', sentAt: '2026-03-02T09:00:00Z' },
    keeps: { conversationId: 'id' },
  },
  listWidgetMessages: { query: 'limit=20' },
  listWidgetHistory: { query: 'limit=20' },
  resumeConversation: { body: { token: '$resumeToken', anonymousId: '5e2a' } },
  findCustomers: { query: 'identifier=userId:cust-17', keeps: { customerId: 'customers.0.customerId' } },
  getCustomer: {},
  getCustomerContext: {},
  getCustomerTimeline: { query: 'limit=20&kinds=message,call' },
  linkIdentifiers: {
    body: { a: 'userId:cust-17', b: 'externalId:animal-register-0815', reason: 'Same voice.', agent: 'Dr. Ahrens' },
  },
  unlinkIdentifiers: {
    body: { a: 'externalId:animal-register-0815', b: 'userId:cust-17', reason: 'Her sister.', agent: 'Dr. Ahrens' },
  },
  listConversations: { query: 'status=open' },
  getConversation: {},
  sendConversationMessage: {
    headers: { 'idempotency-key': 'answer-1' },
    body: { text: 'Yes, on Friday.', agent: 'Dr. Ahrens' },
    keeps: { messageId: 'id' },
  },
  listConversationMessages: { query: 'limit=20' },
  markConversationRead: { body: { upTo: '$messageId' } },
  assignConversation: { body: { assignee: 'Dr. Ahrens' } },
  addConversationNote: { body: { text: 'Minka bites.', agent: 'Dr. Ahrens' } },
  snoozeConversation: { body: { until: '2027-03-01T08:00:00Z' } },
  reopenConversation: {},
  splitConversation: { body: { message: '$messageId' } },
  mergeConversation: { path: { conversationId: '$messageId' }, body: { into: '$conversationId' } },
  resolveConversation: {},
  startConversation: {
    body: { customerId: '$customerId', subject: 'Vaccination', text: 'Minka is due for her vaccination.' },
  },
  lookupCustomer: { query: 'number=030+23125+117' },
  receiveCall: {
    form: {
      CallSid: 'CA17',
      CallStatus: 'ringing',
      Direction: 'inbound',
      From: '+493023125117',
      To: '+493023125000',
    },
  },
  receiveCallStatus: {
    form: {
      CallSid: 'CA17',
      CallStatus: 'no-answer',
      Direction: 'inbound',
      From: '+493023125117',
      SequenceNumber: '1',
      To: '+493023125000',
    },
  },
  receiveTextMessage: {
    form: {
      Body: 'We are ten minutes late.',
      From: '+493023125117',
      MessageSid: 'SM17',
      To: '+493023125000',
    },
  },
  showResume: { path: { token: '$resumeToken' } },
  showUnsubscribe: { path: { token: '$unsubscribeToken' } },
  unsubscribe: { path: { token: '$unsubscribeToken' } },
  getHealth: {},
  getOpenApi: {},
  getDocs: {},
};
