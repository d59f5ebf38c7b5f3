import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createReadMarkStore } from '../../shared/conversation/readMarkStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { readCustomer } from '../../shared/customer/readCustomer.ts';
import { createMailerStore, createSesClient } from '../../shared/follow-up/mailerStore.ts';
import { readPlaybooks } from '../../shared/follow-up/readPlaybooks.ts';
import { templateLanguage } from '../../shared/follow-up/renderFollowUp.ts';
import { createSendLedgerStore } from '../../shared/follow-up/sendLedgerStore.ts';
import { createUnsubscribeTokens } from '../../shared/follow-up/unsubscribeToken.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { randomId } from '../../shared/platform/ids.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { queueFunction } from '../../shared/platform/queue.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { parseSettings } from '../../shared/source/settings.ts';
import { createLoggedTimeline } from '../../shared/timeline/loggedTimeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createReplyTokens } from '../../shared/token/replyToken.ts';
import { createResumeTokens } from '../../shared/token/resumeToken.ts';
import { createTokenStore } from '../../shared/token/tokenStore.ts';
import { createSendMessage } from './handler.ts';

const configuration = readConfiguration(
  z.object({
    COMPANY_NAME: z.string().min(1),
    COMPANY_TIME_ZONE: z.string().min(1),
    CONFIGURATION_SET: z.string().min(1),
    MAIL_DOMAIN: z.string().min(1),
    PARAMETER_PREFIX: z.string().startsWith('/'),
    PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
    SENDER_ADDRESS: z.string().includes('@'),
    TABLE_NAME: z.string().min(1),
  }),
  process.env,
);
const parameters = await readParameters(new SSMClient({}), configuration.PARAMETER_PREFIX);
const settings = parseSettings(parameters);
const table = createTable(createDynamoDbClient(), configuration.TABLE_NAME);
const timeline = createLoggedTimeline(createTimelineStore(table), functionLog);
const customers = createCustomerStore(table);

export const handler = queueFunction({
  consume: createSendMessage({
    readCustomer: (leaf) => readCustomer({ customers, timeline }, leaf),
    timeline,
    ledgers: createSendLedgerStore(table),
    mailer: createMailerStore(createSesClient(), configuration.CONFIGURATION_SET),
    customers,
    conversations: createConversationStore(table, timeline),
    readMarks: createReadMarkStore(table),
    tokens: createTokenStore(table),
    unsubscribeTokens: createUnsubscribeTokens(settings.tokenKeys),
    replyTokens: createReplyTokens(settings.tokenKeys),
    resumeTokens: createResumeTokens(settings.tokenKeys, systemClock),
    playbooks: readPlaybooks(parameters),
    sender: {
      address: configuration.SENDER_ADDRESS,
      replyDomain: configuration.MAIL_DOMAIN,
      company: configuration.COMPANY_NAME,
      timeZone: configuration.COMPANY_TIME_ZONE,
      language: templateLanguage(settings.defaults.language, 'en'),
      publicUrl: configuration.PUBLIC_URL,
    },
    leafOf: createLeafOf(settings.pepper),
    newId: randomId,
    clock: systemClock,
    log: functionLog,
  }),
});
