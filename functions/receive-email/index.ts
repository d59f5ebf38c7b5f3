import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { createMailObjectStore } from '../../shared/mail/mailObjectStore.ts';
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
import { createTokenStore } from '../../shared/token/tokenStore.ts';
import { createReceiveEmail } from './handler.ts';

const configuration = readConfiguration(
  z.object({
    MAIL_BUCKET: z.string().min(1),
    MAIL_DOMAIN: z.string().min(1),
    PARAMETER_PREFIX: z.string().min(1),
    SENDER_ADDRESS: z.string().includes('@'),
    TABLE_NAME: z.string().min(1),
  }),
  process.env,
);
const settings = parseSettings(await readParameters(new SSMClient({}), configuration.PARAMETER_PREFIX));
const table = createTable(createDynamoDbClient(), configuration.TABLE_NAME);

export const handler = queueFunction({
  consume: createReceiveEmail({
    objects: createMailObjectStore(new S3Client({}), configuration.MAIL_BUCKET),
    timeline: createLoggedTimeline(createTimelineStore(table), functionLog),
    leafOf: createLeafOf(settings.pepper),
    newId: randomId,
    replyTokens: createReplyTokens(settings.tokenKeys),
    tokens: createTokenStore(table),
    mailDomain: configuration.MAIL_DOMAIN,
    senderDomain: configuration.SENDER_ADDRESS.slice(configuration.SENDER_ADDRESS.lastIndexOf('@') + 1).toLowerCase(),
    log: functionLog,
  }),
});
